import { SpoorError } from '@spoor/model';
import { DEFAULT_MAX_SPAN_BYTES } from '@spoor/otlp';

export interface SpanLimits {
  /** Bytes of a message of one span. 1 MiB when absent. */
  readonly maxSpanBytes?: number;
}

/** Objects take many times the bytes they are made of, so the size is looked at before anything is made. */
export function checkSize(size: number, what: string, { maxSpanBytes = DEFAULT_MAX_SPAN_BYTES }: SpanLimits): void {
  if (size > maxSpanBytes)
    throw new SpoorError('SPOOR_REQUEST_TOO_LARGE', `${what} has ${size} bytes, at most ${maxSpanBytes} are taken`);
}
