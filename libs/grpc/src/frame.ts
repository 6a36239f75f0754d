export const EMPTY_FRAME = Buffer.alloc(5);

/** A message as it goes over the wire: not compressed, its length, its bytes. */
export function frameOf(message: Uint8Array): Buffer {
  if (message.length === 0) return EMPTY_FRAME;
  const frame = Buffer.allocUnsafe(EMPTY_FRAME.length + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, EMPTY_FRAME.length);
  return frame;
}
