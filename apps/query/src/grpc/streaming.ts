import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';

/** Writes every message, no faster than the client reads. Returns early when `signal` aborts. Does not end the stream. */
export async function writeAll<T>(
  call: Pick<ServerWritableStream<unknown, T>, 'write' | 'on' | 'once' | 'off' | 'emit'>,
  messages: AsyncIterable<T>,
  signal: AbortSignal,
): Promise<void> {
  for await (const message of messages) {
    signal.throwIfAborted();
    if (call.write(message)) continue;
    await once(call as never, 'drain', { signal });
  }
}
