import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const libraries = join(import.meta.dirname, '../../../../libs');

function hex(path: string): Buffer {
  return Buffer.from(readFileSync(join(libraries, path), 'utf8').replace(/\s/g, ''), 'hex');
}

/** The header of a oneway call of the binary protocol: version, kind, name, sequence. */
function binaryCall(name: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([Buffer.from('80010004', 'hex'), length, Buffer.from(name), Buffer.alloc(4)]);
}

/** The same in the compact protocol. */
function compactCall(name: string): Buffer {
  return Buffer.concat([Buffer.from([0x82, 0x81, 0x00, name.length]), Buffer.from(name)]);
}

const END = Buffer.from([0]);

/**
 * The golden batches of the wire formats as calls of the agent's service, put together byte by byte as the protocols have it:
 * the header of the call, the header of its first argument, the argument, the end of the arguments.
 */
export const GOLDEN_PACKETS = {
  jaegerBinary: Buffer.concat([
    binaryCall('emitBatch'),
    Buffer.from('0c0001', 'hex'),
    hex('jaeger/golden/batch.thrift_binary.hex'),
    END,
  ]),
  jaegerCompact: Buffer.concat([
    compactCall('emitBatch'),
    Buffer.from('1c', 'hex'),
    hex('jaeger/golden/batch.thrift_compact.hex'),
    END,
  ]),
  zipkinCompact: Buffer.concat([
    compactCall('emitZipkinBatch'),
    Buffer.from('19', 'hex'),
    hex('zipkin/golden/list.thrift_compact.hex'),
    END,
  ]),
  zipkinBinary: Buffer.concat([
    binaryCall('emitZipkinBatch'),
    Buffer.from('0f0001', 'hex'),
    hex('zipkin/golden/list.zipkin_thrift.hex'),
    END,
  ]),
} as const;

/** What the agent makes of the Jaeger packets. */
export const GOLDEN_BATCH = hex('jaeger/golden/batch.jaeger_proto.hex');
/** The spans of the Zipkin packets in the binary protocol, without their call. */
export const GOLDEN_LIST = hex('zipkin/golden/list.zipkin_thrift.hex');
