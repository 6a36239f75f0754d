/**
 * OTLP requests as protobuf bytes, written by hand so that they can be wrong, and so that a test of Spoor's
 * own encoder and decoder does not rest on these.
 */

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const LENGTH_DELIMITED = 2;
const FIXED64 = 1;

export function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return Buffer.concat([Buffer.from([...varint(number * 8 + LENGTH_DELIMITED), ...varint(bytes.length)]), bytes]);
}

function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([Buffer.from(varint(number * 8 + FIXED64)), bytes]);
}

export interface RawSpan {
  /** Any number of bytes. */
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  /** Any bytes, UTF-8 or not. */
  readonly name: Uint8Array | string;
  readonly startTimeUnixNano: bigint;
}

/** An `ExportTraceServiceRequest` of one service; field numbers as in opentelemetry/proto/trace/v1/trace.proto. */
export function protoRequest(serviceName: string, spans: readonly RawSpan[]): Buffer {
  const attribute = Buffer.concat([field(1, 'service.name'), field(2, field(1, serviceName))]);
  const resource = field(1, field(1, attribute));
  const encoded = spans.map((span) =>
    field(
      2,
      Buffer.concat([
        field(1, span.traceId),
        field(2, span.spanId),
        field(5, span.name),
        fixed64(7, span.startTimeUnixNano),
        fixed64(8, span.startTimeUnixNano + 1_000_000n),
      ]),
    ),
  );
  return field(1, Buffer.concat([resource, field(2, Buffer.concat(encoded))]));
}
