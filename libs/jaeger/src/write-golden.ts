import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WireReader } from '@spoor/otlp';
import { BinaryReader, binaryProtocol, compactProtocol } from '@spoor/thrift';
import { encodeJaegerBatch } from './batch.ts';
import { GOLDEN_SPAN } from './golden-span.ts';
import { encodeJaegerSpanJson } from './json-encode.ts';
import { encodeJaegerSpan } from './proto-encode.ts';
import { readThriftBatch } from './thrift-decode.ts';
import { GOLDEN_BATCH } from './thrift-golden.ts';

/** Writes the golden records anew: `npm run golden -w libs/jaeger`. What changes is reviewed as a change of the wire format. */
const golden = join(import.meta.dirname, '../golden');
const json: unknown = JSON.parse(new TextDecoder().decode(encodeJaegerSpanJson(GOLDEN_SPAN)));
writeFileSync(join(golden, 'span.jaeger_json'), `${JSON.stringify(json, undefined, 2)}\n`);
writeFileSync(join(golden, 'span.jaeger_proto.hex'), fieldLines(encodeJaegerSpan(GOLDEN_SPAN)));

const thrift = binaryProtocol.encode(GOLDEN_BATCH);
writeFileSync(join(golden, 'batch.thrift_binary.hex'), lines(thrift));
writeFileSync(join(golden, 'batch.thrift_compact.hex'), lines(compactProtocol.encode(GOLDEN_BATCH)));
const batch = encodeJaegerBatch(readThriftBatch(new BinaryReader(thrift, 'a Jaeger Batch')));
writeFileSync(join(golden, 'batch.jaeger_proto.hex'), fieldLines(batch));

/** Hex, 32 bytes a line. */
function lines(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/.{1,64}/g, '$&\n');
}

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
