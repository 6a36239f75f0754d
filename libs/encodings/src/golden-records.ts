import type { SpanCodec } from './codec.ts';
import { SPAN_CODECS } from './codecs.ts';
import { GOLDEN_BYTES } from './golden-traces.ts';

/** A record of a golden file: its value as text where it is JSON, else as hex. */
export interface GoldenRecord {
  readonly key?: string;
  readonly spanCount: number;
  readonly text?: string;
  readonly hex?: string;
}

/** The encodings that can be written, and the records that the golden spans become in each. */
export function goldenRecords(): ReadonlyMap<string, readonly GoldenRecord[]> {
  const records = new Map<string, readonly GoldenRecord[]>();
  for (const [name, { encode }] of Object.entries<SpanCodec>(SPAN_CODECS)) {
    if (encode === undefined) continue;
    records.set(
      name,
      encode(GOLDEN_BYTES).map(({ value, ...others }) => ({
        ...others,
        ...(name.endsWith('json')
          ? { text: Buffer.from(value).toString() }
          : { hex: Buffer.from(value).toString('hex') }),
      })),
    );
  }
  records.set('otlp_proto', [{ spanCount: 2, hex: Buffer.from(GOLDEN_BYTES).toString('hex') }]);
  return records;
}

export function bytesOfRecord({ text, hex }: GoldenRecord): Uint8Array {
  return hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex');
}
