import { compressionsAlgorithms } from '@platformatic/kafka';
import kafkajs from 'kafkajs';

// CommonJS, whose names Node cannot import one by one.
const { CompressionTypes } = kafkajs;

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/** kafkajs has only gzip built in; the others come from the other client, so that both write and read the same. */
export function codecsForKafkajs(): Record<number, () => Codec> {
  const { snappy, lz4, zstd } = compressionsAlgorithms;
  const codecOf = (algorithm: typeof snappy | typeof lz4 | typeof zstd) => (): Codec => ({
    compress: async (encoder) => algorithm.compressSync(encoder.buffer),
    decompress: async (buffer) => algorithm.decompressSync(buffer),
  });
  return {
    [CompressionTypes.Snappy]: codecOf(snappy),
    [CompressionTypes.LZ4]: codecOf(lz4),
    [CompressionTypes.ZSTD]: codecOf(zstd),
  };
}
