import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaryProtocol, compactProtocol } from '@spoor/thrift';
import { GOLDEN_SPANS } from './golden-spans.ts';
import { GOLDEN_LIST } from './v1/golden-list.ts';
import { encodeZipkinJson } from './v2/json-encode.ts';
import { encodeZipkinProto } from './v2/proto-encode.ts';

/** Writes the golden records anew: `npm run golden -w libs/zipkin`. What changes is reviewed as a change of the wire format. */
const golden = join(import.meta.dirname, '../golden');
const json: unknown = JSON.parse(new TextDecoder().decode(encodeZipkinJson(GOLDEN_SPANS)));
writeFileSync(join(golden, 'spans.zipkin_json'), `${JSON.stringify(json, undefined, 2)}\n`);
writeFileSync(join(golden, 'spans.zipkin_proto.hex'), lines(encodeZipkinProto(GOLDEN_SPANS)));
writeFileSync(join(golden, 'list.zipkin_thrift.hex'), lines(binaryProtocol.encode(GOLDEN_LIST)));
writeFileSync(join(golden, 'list.thrift_compact.hex'), lines(compactProtocol.encode(GOLDEN_LIST)));

/** Hex, 32 bytes a line. */
function lines(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/.{1,64}/g, '$&\n');
}
