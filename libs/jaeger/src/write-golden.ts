import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WireReader } from '@spoor/otlp';
import { GOLDEN_SPAN } from './golden-span.ts';
import { encodeJaegerSpanJson } from './json-encode.ts';
import { encodeJaegerSpan } from './proto-encode.ts';

/** Writes the golden records anew: `npm run golden -w libs/jaeger`. What changes is reviewed as a change of the wire format. */
const golden = join(import.meta.dirname, '../golden');
const json: unknown = JSON.parse(new TextDecoder().decode(encodeJaegerSpanJson(GOLDEN_SPAN)));
writeFileSync(join(golden, 'span.jaeger_json'), `${JSON.stringify(json, undefined, 2)}\n`);
writeFileSync(join(golden, 'span.jaeger_proto.hex'), fieldLines(encodeJaegerSpan(GOLDEN_SPAN)));

/** Hex, one field of the message a line. */
function fieldLines(bytes: Uint8Array): string {
  const reader = new WireReader(bytes);
  let lines = '';
  while (reader.pos < reader.end) {
    const start = reader.pos;
    reader.skip(reader.tag());
    lines += `${Buffer.from(bytes.subarray(start, reader.pos)).toString('hex')}\n`;
  }
  return lines;
}
