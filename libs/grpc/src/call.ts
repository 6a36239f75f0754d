import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { classify, SpoorError } from '@spoor/model';
import { GRPC_STATUS } from '@spoor/service';
import { EMPTY_FRAME, frameOf } from './frame.ts';
import { type Inflaters, MessageReader, type ReaderLimits, refusal, tooLarge } from './message-reader.ts';
import type { GrpcCall, ServerStreamMethod, UnaryMethod } from './method.ts';
import type { OpenCalls, TimedCall } from './open-calls.ts';
import { CallFailure, type CallStatus, trailersOf } from './status.ts';

/** What the calls of a server share. */
export interface CallEnvironment {
  readonly inflaters: Inflaters;
  readonly limits: ReaderLimits;
  /** How long a sender may take to send its message. */
  readonly requestTimeoutMs: number;
  readonly open: OpenCalls;
  statusOf(error: SpoorError): CallStatus;
  onFailure(error: SpoorError): void;
  /** `:status`, `content-type` and `grpc-accept-encoding`, the same for every answer. */
  readonly responseHeaders: OutgoingHttpHeaders;
}

/** The request's headers, once as Node groups them and once as they came: names and values in turn. */
export interface CallHeaders {
  readonly grouped: Readonly<Record<string, string | string[] | undefined>>;
  readonly raw: readonly string[];
}

/** Nobody reads the date of an answer, and it would have to be sent anew each second. */
const WITH_TRAILERS = { waitForTrailers: true, sendDate: false };
const WITHOUT_BODY = { endStream: true, sendDate: false };
const OK_TRAILERS = { 'grpc-status': '0' };

/** One call: gathers its message, hands it to the method, and answers exactly once, or not at all when the sender went away. */
export class Call implements GrpcCall, TimedCall {
  expiresAtMs: number;
  private readonly stream: ServerHttp2Stream;
  private readonly headers: CallHeaders;
  private readonly method: UnaryMethod | ServerStreamMethod;
  private readonly environment: CallEnvironment;
  private readonly reader: MessageReader;
  private readonly deadlineMs: number;
  private isHandling = false;
  private isOver = false;
  private controller: AbortController | undefined;
  private trailers: OutgoingHttpHeaders = OK_TRAILERS;

  constructor(
    stream: ServerHttp2Stream,
    headers: CallHeaders,
    method: UnaryMethod | ServerStreamMethod,
    timeoutMs: number,
    environment: CallEnvironment,
  ) {
    this.stream = stream;
    this.headers = headers;
    this.method = method;
    this.environment = environment;
    this.reader = new MessageReader(environment.limits);
    const nowMs = performance.now();
    this.deadlineMs = nowMs + timeoutMs;
    this.expiresAtMs = nowMs + Math.min(timeoutMs, environment.requestTimeoutMs);
  }

  start(): void {
    const { stream, environment } = this;
    environment.open.add(this);
    stream.on('close', this.onClose);
    stream.on('wantTrailers', this.onWantTrailers);
    const fault = this.faultOfHeaders();
    if (fault !== undefined) {
      this.fail(fault);
      return;
    }
    stream.on('data', this.onData);
    stream.on('end', this.onEnd);
  }

  readonly metadata = {
    get: (key: string): readonly string[] => {
      const { raw } = this.headers;
      const values: string[] = [];
      for (let at = 0; at < raw.length; at += 2) if (raw[at]!.toLowerCase() === key) values.push(raw[at + 1]!);
      return values;
    },
  };

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isOver) this.controller.abort();
    return this.controller.signal;
  }

  expire(): void {
    const isDeadline = this.deadlineMs <= this.expiresAtMs;
    this.fail(
      new SpoorError(
        'SPOOR_DEADLINE_EXCEEDED',
        isDeadline
          ? 'the deadline of the call has passed'
          : `the message did not come within ${this.environment.requestTimeoutMs} ms`,
      ),
    );
  }

  private faultOfHeaders(): CallFailure | undefined {
    const { inflaters, limits } = this.environment;
    const announced = Number(this.headers.grouped['content-length'] ?? 0);
    if (announced > limits.maxMessageBytes + EMPTY_FRAME.length)
      return tooLarge(`the request has ${announced} bytes`, limits.maxMessageBytes);
    const encoding = this.encoding();
    if (encoding === 'identity' || inflaters.has(encoding)) return undefined;
    const taken = ['identity', ...inflaters.keys()].join(', ');
    const what = `grpc-encoding ${JSON.stringify(encoding.slice(0, 40))} is not taken; send one of ${taken}`;
    return refusal(GRPC_STATUS.UNIMPLEMENTED, 'SPOOR_INVALID_REQUEST', what);
  }

  private encoding(): string {
    const value = this.headers.grouped['grpc-encoding'];
    return typeof value === 'string' && value !== '' ? value.toLowerCase() : 'identity';
  }

  private readonly onData = (chunk: Uint8Array): void => {
    if (this.isOver) return;
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.fail(error);
    }
  };

  private readonly onEnd = (): void => {
    if (this.isOver) return;
    let message: Uint8Array;
    try {
      message = this.reader.take(this.encoding(), this.environment.inflaters);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.expiresAtMs = this.deadlineMs;
    this.isHandling = true;
    void this.handle(message);
  };

  private readonly onClose = (): void => {
    this.end();
    // What a method still works on stays counted.
    if (!this.isHandling) this.reader.release();
  };

  private readonly onWantTrailers = (): void => {
    this.stream.sendTrailers(this.trailers);
  };

  private async handle(message: Uint8Array): Promise<void> {
    const { method } = this;
    try {
      if (method.kind === 'unary') {
        const answer = await method.handle(message, this);
        if (this.isOver) return;
        this.respond();
        this.stream.end(frameOf(answer));
        this.end();
      } else {
        await this.sendAll(method.handle(message, this));
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.isHandling = false;
      this.reader.release();
    }
  }

  private async sendAll(answers: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const answer of answers) {
      if (this.isOver) return;
      if (!this.stream.headersSent) this.respond();
      if (!this.stream.write(frameOf(answer))) await this.drained();
    }
    if (this.isOver) return;
    if (!this.stream.headersSent) this.respond();
    this.stream.end();
    this.end();
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      this.stream.once('drain', resolve);
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  private respond(): void {
    this.stream.respond(this.environment.responseHeaders, WITH_TRAILERS);
  }

  /** Idempotent: only the first of several failures is told. */
  private fail(thrown: unknown): void {
    if (this.isOver) return;
    const { environment, stream } = this;
    const error = thrown instanceof CallFailure ? thrown.error : classify(thrown);
    const told = environment.statusOf(error);
    const trailers = trailersOf(
      thrown instanceof CallFailure ? { code: thrown.grpcCode, message: told.message } : told,
    );
    environment.onFailure(error);
    this.end();
    if (!this.isHandling) this.reader.release();
    if (stream.destroyed || stream.closed) return;
    if (stream.headersSent) {
      this.trailers = trailers;
      stream.end();
    } else {
      stream.respond({ ...environment.responseHeaders, ...trailers }, WITHOUT_BODY);
    }
    // The rest of a message is not waited for.
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.environment.open.delete(this);
    this.controller?.abort();
  }
}
