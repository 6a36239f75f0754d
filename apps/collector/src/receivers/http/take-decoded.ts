import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type Span, SpoorError, type WriteOutcome } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { Tenancy } from '@spoor/service';
import { HeldBytes, readBody } from '../intake/body.ts';
import type { BytesInFlight } from '../intake/bytes-in-flight.ts';
import { inflateBody, inflaterOf } from '../intake/inflate.ts';
import type { Intake } from '../intake/intake.ts';
import type { SpanFormat } from '../intake/metrics.ts';
import { describeRejections } from '../intake/rejections.ts';

export interface DecodingReceiver {
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly tenancy: Tenancy;
  readonly maxBodyBytes: number;
  /** Takes a body as it is that was announced as compressed and is not, as the peer's Zipkin receiver does. */
  readonly toleratesPlain: boolean;
}

/**
 * Reads a body, decodes its spans, and hands them on as OTLP: the same bounds and counters as OTLP's own receivers. Throws
 * a `SpoorError` when nothing of it was taken, also where each of its spans was rejected.
 */
export async function takeDecoded(
  request: IncomingMessage,
  { intake, inFlight, tenancy, maxBodyBytes, toleratesPlain }: DecodingReceiver,
  { format, decode }: { readonly format: SpanFormat; readonly decode: (bytes: Uint8Array) => readonly Span[] },
): Promise<WriteOutcome> {
  const held = new HeldBytes(inFlight);
  try {
    const tenant = tenancy.fromHttpHeaders(request.headers);
    const inflate = inflaterFor(request.headers, maxBodyBytes, toleratesPlain);
    const body = await readBody(request, maxBodyBytes, held);
    const inflated = inflate(body);
    if (inflated !== body) held.take(inflated.length);
    // At once, so that the objects of one body only are there at a time, however many requests are under way.
    const bytes = encodeTraces(decode(inflated));
    held.take(bytes.length);
    const outcome = await intake.take({ bytes, format, transport: 'http', tenant });
    if (outcome.accepted === 0 && outcome.rejected.length > 0)
      throw new SpoorError('SPOOR_INVALID_REQUEST', describeRejections(outcome.rejected));
    return outcome;
  } finally {
    held.release();
  }
}

function inflaterFor(
  headers: IncomingHttpHeaders,
  maxBytes: number,
  toleratesPlain: boolean,
): (bytes: Uint8Array) => Uint8Array {
  const inflate = inflaterOf(headers['content-encoding']);
  if (inflate === undefined) return (bytes) => bytes;
  return (bytes) => {
    try {
      return inflateBody(inflate, bytes, maxBytes);
    } catch (error) {
      if (toleratesPlain && error instanceof SpoorError && error.code === 'SPOOR_MALFORMED_SPANS') return bytes;
      throw error;
    }
  };
}
