import { type ClientStats, encodeJaegerBatch, encodeJaegerSpan, readThriftBatch, type Tag } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { WireWriter } from '@spoor/otlp';
import type { ThriftReader } from '@spoor/thrift';
import { readZipkinThrift } from '@spoor/zipkin';

/** What one datagram brought, ready to be sent on. */
export interface SpanPacket {
  /** A `jaeger.api_v2.Batch` (CONTRACT §2.2). */
  readonly batch: Uint8Array;
  readonly spanCount: number;
  /** What it came as. */
  readonly format: 'jaeger_thrift' | 'zipkin_v1_thrift';
  /** What the sender tells of itself, where it does. */
  readonly client?: ClientReport;
}

/** With the name of the receiver that it came to. */
export interface ReceivedPacket extends SpanPacket {
  readonly listener: string;
}

export interface ClientReport {
  readonly id: string;
  /** Grows by one a batch; 0 where the client does not count. */
  readonly sequence: bigint;
  readonly stats: ClientStats | undefined;
}

const EMIT_BATCH = 'emitBatch';
const EMIT_ZIPKIN_BATCH = 'emitZipkinBatch';
/** The process tag in which clients have an id of their own. */
const CLIENT_ID_KEY = 'client-uuid';

/**
 * Reads a call of the agent's service (CONTRACT §2.4); both methods are taken at every port. The tags are added to the process.
 * Throws `SPOOR_MALFORMED_SPANS`.
 */
export function decodePacket(reader: ThriftReader, agentTags: readonly Tag[]): SpanPacket {
  const { name } = reader.message();
  if (name !== EMIT_BATCH && name !== EMIT_ZIPKIN_BATCH)
    reader.fail(`the method ${JSON.stringify(name)} is neither ${EMIT_BATCH} nor ${EMIT_ZIPKIN_BATCH}`, 0);
  let packet: SpanPacket | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1c && name === EMIT_BATCH) packet = jaegerPacket(reader, agentTags);
    else if (field === 0x1f && name === EMIT_ZIPKIN_BATCH) packet = zipkinPacket(readZipkinThrift(reader), agentTags);
    else reader.skip(field);
  }
  reader.leave();
  return packet ?? reader.fail(`the call ${name} has no argument`, 0);
}

function jaegerPacket(reader: ThriftReader, agentTags: readonly Tag[]): SpanPacket {
  const { process, spans, sequence, stats } = readThriftBatch(reader);
  const batch = encodeJaegerBatch({ process: { ...process, tags: [...process.tags, ...agentTags] }, spans });
  const id = process.tags.find(({ key }) => key === CLIENT_ID_KEY)?.value;
  const client = typeof id === 'string' && id !== '' ? { client: { id, sequence, stats } } : {};
  return { batch, spanCount: spans.length, format: 'jaeger_thrift', ...client };
}

/** Spans of Zipkin have each a process of their own. */
function zipkinPacket(spans: readonly Span[], agentTags: readonly Tag[]): SpanPacket {
  const writer = new WireWriter(Math.max(1024, spans.length * 512));
  for (const span of spans) {
    const { resource } = span;
    const attributes = [...resource.attributes, ...agentTags];
    writer.blob(10, encodeJaegerSpan({ ...span, resource: { ...resource, attributes } }));
  }
  return { batch: writer.finish(), spanCount: spans.length, format: 'zipkin_v1_thrift' };
}
