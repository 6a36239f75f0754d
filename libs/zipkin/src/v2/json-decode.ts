import type { Span } from '@spoor/model';
import { isObject, type JsonObject } from '@spoor/otlp';
import { JsonFields } from '../json-fields.ts';
import { KINDS, type ZipkinKind, type ZipkinSpan } from './message.ts';
import { spanOfZipkin } from './to-span.ts';

const fields = new JsonFields('Zipkin v2 JSON');

/**
 * Decodes an array of spans in the JSON of Zipkin v2 (CONTRACT §2.5). Ids may be shorter than they should be, null is absent,
 * unknown fields are skipped. The caller bounds the size. Throws `SPOOR_MALFORMED_SPANS` for the whole array.
 */
export function decodeZipkinJson(bytes: Uint8Array): Span[] {
  return fields.spans(bytes).map((span, index) => spanOfZipkin(readSpan(span, `[${index}]`)));
}

function readSpan(span: JsonObject, place: string): ZipkinSpan {
  const annotations = fields.objects(span['annotations'], `${place}.annotations`);
  return {
    traceId: fields.compulsoryId(span, 'traceId', 32, place),
    id: fields.compulsoryId(span, 'id', 16, place),
    parentId: fields.id(span, 'parentId', 16, place),
    kind: readKind(span['kind']),
    name: fields.text(span, 'name', place),
    timestampMicros: fields.micros(span, 'timestamp', place) ?? 0n,
    durationMicros: fields.micros(span, 'duration', place) ?? 0n,
    localEndpoint: fields.endpoint(span, 'localEndpoint', place),
    remoteEndpoint: fields.endpoint(span, 'remoteEndpoint', place),
    annotations: annotations.map((annotation, index) => {
      const here = `${place}.annotations[${index}]`;
      return {
        timestampMicros: fields.micros(annotation, 'timestamp', here) ?? 0n,
        value: fields.text(annotation, 'value', here),
      };
    }),
    tags: readTags(span['tags'], place),
    debug: span['debug'] === true,
    invalid: [],
  };
}

/** One that is none of Zipkin's leaves the span without a kind: it must not cost the other spans of its body. */
function readKind(value: unknown): ZipkinKind {
  return KINDS.find((known) => known === value) ?? '';
}

function readTags(value: unknown, place: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  if (value === undefined || value === null) return tags;
  if (!isObject(value)) throw fields.fail(`${place}.tags`, 'is not an object');
  for (const key of Object.keys(value)) tags.set(key, fields.text(value, key, `${place}.tags`));
  return tags;
}
