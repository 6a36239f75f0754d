import type { OtlpError } from './status.ts';

/** `google.rpc.Status` in protobuf, with `RetryInfo` among its details where trying again may help. */
export function statusMessage(error: OtlpError): Buffer {
  const parts = [integer(1, error.grpc), message(2, Buffer.from(error.message))];
  if (error.retryAfterMs !== undefined) parts.push(message(3, retryInfo(error.retryAfterMs)));
  return Buffer.concat(parts);
}

function retryInfo(retryAfterMs: number): Buffer {
  const seconds = Math.floor(retryAfterMs / 1000);
  const nanos = Math.round((retryAfterMs % 1000) * 1e6);
  const delay = message(1, Buffer.concat([integer(1, seconds), integer(2, nanos)]));
  return Buffer.concat([message(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), message(2, delay)]);
}

/** A varint field; zero is left out, as proto3 has it. */
export function integer(field: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([...varint(field << 3), ...varint(value)]);
}

/** A length-delimited field. */
export function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
