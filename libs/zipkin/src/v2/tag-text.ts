import { tagOf } from '@spoor/jaeger';
import type { AttributeValue } from '@spoor/model';
import { base64Of } from '@spoor/otlp';

/** A value as Zipkin has all of them, as text: bytes in base64, lists as JSON. */
export function tagText(value: AttributeValue): string {
  const tag = tagOf({ key: '', value });
  return tag.value instanceof Uint8Array ? base64Of(tag.value) : String(tag.value);
}
