import { writeSync } from 'node:fs';
import { encodeTraces } from '@spoor/otlp';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { createForTest } from './contract-store.ts';

/** Writes traces of 20 spans until it is killed, and tells the id of each that was acknowledged. */
const [directory = '', seed = '1'] = process.argv.slice(2);
const store = createForTest(directory, { segment: { maxSpans: 100, maxBlocks: 20, maxAgeMs: 3_600_000 } });
await store.start();
const generator = createSpanGenerator({ seed: Number(seed) + 100, spansPerTrace: 20 });
const context = { tenant: 'default', signal: new AbortController().signal };
for (;;) {
  const spans = generator.spans(20);
  await store.writer.write(
    [{ tenant: 'default', encoding: 'otlp_proto', spanCount: 20, bytes: encodeTraces(spans) }],
    context,
  );
  writeSync(1, `${spans[0]!.traceId}\n`);
}
