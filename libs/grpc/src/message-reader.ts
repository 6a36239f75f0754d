import { SpoorError } from '@spoor/model';
import { GRPC_STATUS } from '@spoor/service';
import { CallFailure } from './status.ts';

/** A bound that many calls share. `take` throws, and takes nothing, when the bound would be passed. */
export interface ByteBudget {
  take(bytes: number): void;
  give(bytes: number): void;
}

/** Inflates all of `bytes`. Allocates nothing beyond `maxBytes`: throws `SPOOR_REQUEST_TOO_LARGE` instead. */
export type Inflate = (bytes: Uint8Array, maxBytes: number) => Uint8Array;

/** By the name that `grpc-encoding` has for it. */
export type Inflaters = ReadonlyMap<string, Inflate>;

export interface ReaderLimits {
  /** The largest message, on the wire as well as inflated. */
  readonly maxMessageBytes: number;
  readonly budget: ByteBudget;
}

/** A byte that tells whether the message is compressed, and four of its length. */
const PREFIX_BYTES = 5;

/** How much room is made for a message before all of it has come, as a multiple of what has. */
const MAX_ROOM_AHEAD = 4;

/**
 * Gathers the one message of a call. Its announced length is compared with the limits before anything is allocated, and what
 * is allocated is counted against the budget first, in proportion to what has come: to announce much costs the server nothing.
 */
export class MessageReader {
  private readonly limits: ReaderLimits;
  private readonly prefix = new Uint8Array(PREFIX_BYTES);
  private prefixSize = 0;
  private isCompressed = false;
  private length = 0;
  private room: Buffer | undefined;
  private size = 0;
  private held = 0;

  constructor(limits: ReaderLimits) {
    this.limits = limits;
  }

  /** Copies what it keeps of the chunk: a chunk may be a small part of a large buffer. */
  push(chunk: Uint8Array): void {
    let at = 0;
    if (this.prefixSize < PREFIX_BYTES) {
      const end = Math.min(chunk.length, PREFIX_BYTES - this.prefixSize);
      while (at < end) {
        this.prefix[this.prefixSize] = chunk[at]!;
        this.prefixSize += 1;
        at += 1;
      }
      if (this.prefixSize < PREFIX_BYTES) return;
      this.readPrefix();
    }
    const count = chunk.length - at;
    if (count === 0) return;
    if (count > this.length - this.size)
      throw refusal(GRPC_STATUS.UNIMPLEMENTED, 'SPOOR_INVALID_REQUEST', 'the call has more than one message');
    const room = this.roomFor(this.size + count);
    room.set(at === 0 ? chunk : chunk.subarray(at), this.size);
    this.size += count;
  }

  /** The message, once everything has come; inflated when it is compressed. */
  take(encoding: string, inflaters: Inflaters): Uint8Array {
    if (this.prefixSize === 0)
      throw refusal(GRPC_STATUS.UNIMPLEMENTED, 'SPOOR_INVALID_REQUEST', 'the call has no message');
    if (this.prefixSize < PREFIX_BYTES || this.size < this.length)
      throw refusal(GRPC_STATUS.INTERNAL, 'SPOOR_INVALID_REQUEST', 'the call ended before its message did');
    const bytes = this.room ?? new Uint8Array();
    if (!this.isCompressed) return bytes;
    const inflate = inflaters.get(encoding);
    if (inflate === undefined)
      throw refusal(
        GRPC_STATUS.INTERNAL,
        'SPOOR_INVALID_REQUEST',
        'the message is marked as compressed, but grpc-encoding does not say how',
      );
    const inflated = inflateWithin(inflate, bytes, this.limits.maxMessageBytes);
    this.hold(inflated.length);
    // What came over the wire is garbage now.
    this.room = undefined;
    this.give(bytes.length);
    return inflated;
  }

  /** Gives back everything that is held. Idempotent. */
  release(): void {
    this.room = undefined;
    this.give(this.held);
  }

  private readPrefix(): void {
    const [flags, a, b, c, d] = this.prefix as unknown as [number, number, number, number, number];
    if (flags > 1)
      throw refusal(GRPC_STATUS.INTERNAL, 'SPOOR_INVALID_REQUEST', `the message's first byte is ${flags}, not 0 or 1`);
    this.isCompressed = flags === 1;
    this.length = a * 2 ** 24 + (b << 16) + (c << 8) + d;
    const { maxMessageBytes } = this.limits;
    if (this.length > maxMessageBytes) throw tooLarge(`the message has ${this.length} bytes`, maxMessageBytes);
  }

  private roomFor(size: number): Buffer {
    if (this.room !== undefined && this.room.length >= size) return this.room;
    const capacity = Math.min(this.length, size * MAX_ROOM_AHEAD);
    this.hold(capacity);
    // Not from Node's pool: a message may be held for long, and would hold all of the pool's block.
    const grown = Buffer.allocUnsafeSlow(capacity);
    if (this.room !== undefined) {
      grown.set(this.room.subarray(0, this.size));
      this.give(this.room.length);
    }
    this.room = grown;
    return grown;
  }

  private hold(bytes: number): void {
    this.limits.budget.take(bytes);
    this.held += bytes;
  }

  private give(bytes: number): void {
    this.limits.budget.give(bytes);
    this.held -= bytes;
  }
}

function inflateWithin(inflate: Inflate, bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return inflate(bytes, maxBytes);
  } catch (error) {
    if (error instanceof SpoorError && error.code === 'SPOOR_REQUEST_TOO_LARGE')
      throw new CallFailure(GRPC_STATUS.RESOURCE_EXHAUSTED, error);
    throw error;
  }
}

/** As every gRPC server has it. Senders do not try again, as there is no `RetryInfo`. */
export function tooLarge(what: string, maxBytes: number): CallFailure {
  return refusal(
    GRPC_STATUS.RESOURCE_EXHAUSTED,
    'SPOOR_REQUEST_TOO_LARGE',
    `${what}, at most ${maxBytes} bytes are taken; send smaller batches`,
  );
}

export function refusal(
  grpcCode: number,
  code: ConstructorParameters<typeof SpoorError>[0],
  message: string,
): CallFailure {
  return new CallFailure(grpcCode, new SpoorError(code, message));
}
