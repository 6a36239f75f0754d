/** What a method may know of the call that it answers. */
export interface GrpcCall {
  /** What the sender sent beside its message: every value of a key, in order. Keys are lower-case. */
  readonly metadata: { get(key: string): readonly string[] };
  /** Aborts when nobody waits for the answer any more: the sender went away, its deadline passed, the server stops. */
  readonly signal: AbortSignal;
}

/**
 * One message in, one out, both as bytes of their protobuf messages. The message belongs to the call and nobody writes to it
 * any more; its bytes count against the budget until the promise settles. What is thrown becomes the call's status.
 */
export interface UnaryMethod {
  readonly kind: 'unary';
  handle(message: Uint8Array, call: GrpcCall): Promise<Uint8Array>;
}

/** One message in, any number out. The call ends with OK when the iterable does; it must end when the signal aborts. */
export interface ServerStreamMethod {
  readonly kind: 'server-stream';
  handle(message: Uint8Array, call: GrpcCall): AsyncIterable<Uint8Array>;
}

/** Any number of short messages in, an answer to each before the next one is read. For what is asked by people and tools. */
export interface ConversationMethod {
  readonly kind: 'conversation';
  answer(message: Uint8Array): Promise<Uint8Array>;
}

export type GrpcMethod = UnaryMethod | ServerStreamMethod | ConversationMethod;

/** By path: `/package.Service/Method`. */
export type GrpcMethods = Readonly<Record<string, GrpcMethod>>;
