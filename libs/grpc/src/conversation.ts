import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { classify, SpoorError } from '@spoor/model';
import { GRPC_STATUS } from '@spoor/service';
import type { CallEnvironment } from './call.ts';
import { frameOf } from './frame.ts';
import { refusal, tooLarge } from './message-reader.ts';
import type { ConversationMethod } from './method.ts';
import type { TimedCall } from './open-calls.ts';
import { CallFailure, trailersOf } from './status.ts';

/** A byte that tells whether the message is compressed, and four of its length. */
const PREFIX_BYTES = 5;
/** Questions are short: this is room for a name of any length that a protobuf file can give. */
const MAX_QUESTION_BYTES = 4 * 1024;
const OK_TRAILERS = { 'grpc-status': '0' };

/**
 * A call of many questions, each of which is answered before the next one is read. While nobody takes the answers nothing is
 * read, so it never holds more than a chunk and an answer.
 */
export class Conversation implements TimedCall {
  expiresAtMs: number;
  private readonly stream: ServerHttp2Stream;
  private readonly method: ConversationMethod;
  private readonly deadlineMs: number;
  private readonly environment: CallEnvironment;
  private trailers: OutgoingHttpHeaders = OK_TRAILERS;
  private isOver = false;

  constructor(stream: ServerHttp2Stream, method: ConversationMethod, timeoutMs: number, environment: CallEnvironment) {
    this.stream = stream;
    this.method = method;
    this.environment = environment;
    this.deadlineMs = performance.now() + timeoutMs;
    this.expiresAtMs = this.nextExpiry();
  }

  start(): void {
    const { stream, environment } = this;
    environment.open.add(this);
    stream.on('close', () => this.end());
    stream.on('wantTrailers', () => {
      stream.sendTrailers(this.trailers);
      // The rest of what is sent is not waited for.
      if (!stream.readableEnded) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
    });
    void this.answerAll();
  }

  expire(): void {
    this.fail(new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'no question came in time'));
  }

  private async answerAll(): Promise<void> {
    const { stream, environment } = this;
    let waiting: Buffer = Buffer.alloc(0);
    try {
      stream.respond(environment.responseHeaders, { waitForTrailers: true });
      for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
        for (let question = questionIn(waiting); question !== undefined; question = questionIn(waiting)) {
          waiting = waiting.subarray(PREFIX_BYTES + question.length);
          const answer = await this.method.answer(question);
          if (this.isOver) return;
          this.expiresAtMs = this.nextExpiry();
          if (!stream.write(frameOf(answer))) await drained(stream);
        }
      }
      if (waiting.length > 0)
        throw refusal(GRPC_STATUS.INTERNAL, 'SPOOR_INVALID_REQUEST', 'the call ended before its message did');
      if (this.isOver) return;
      this.end();
      stream.end();
    } catch (error) {
      this.fail(error);
    }
  }

  private nextExpiry(): number {
    return Math.min(this.deadlineMs, performance.now() + this.environment.requestTimeoutMs);
  }

  private fail(thrown: unknown): void {
    if (this.isOver) return;
    this.end();
    const { environment, stream } = this;
    const error = thrown instanceof CallFailure ? thrown.error : classify(thrown);
    // A sender that went away is no failure of anything.
    if (stream.destroyed || stream.closed) return;
    environment.onFailure(error);
    const told = environment.statusOf(error);
    this.trailers = trailersOf(thrown instanceof CallFailure ? { code: thrown.grpcCode, message: told.message } : told);
    stream.end();
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.environment.open.delete(this);
  }
}

/** The first message, without its prefix, once all of it is there. */
function questionIn(bytes: Buffer): Uint8Array | undefined {
  if (bytes.length < PREFIX_BYTES) return undefined;
  if (bytes[0] !== 0)
    throw refusal(GRPC_STATUS.UNIMPLEMENTED, 'SPOOR_INVALID_REQUEST', 'compressed messages are not taken here');
  const length = bytes.readUInt32BE(1);
  if (length > MAX_QUESTION_BYTES) throw tooLarge(`the message has ${length} bytes`, MAX_QUESTION_BYTES);
  return bytes.length < PREFIX_BYTES + length ? undefined : bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length);
}

function drained(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}
