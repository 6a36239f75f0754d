import { describeStorage } from '@spoor/storage/contract';
import { openForTest } from './contract-store.ts';

describeStorage('embedded', { open: () => openForTest() });
describeStorage('embedded, with segments of a few spans', {
  open: () => openForTest({ segment: { maxSpans: 40, maxBlocks: 3, maxAgeMs: 3_600_000 } }, { keeping: true }),
});
describeStorage('embedded, with a hash that collides', { open: () => openForTest({}, { hashMask: 0xff }) });
