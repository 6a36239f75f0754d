import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import { ALL_TIME, contextOf, EPOCH, spanIdOf, spanOf, traceIdOf, write } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';

export function describeDependencies(open: OpenStoreForTest): void {
  describe('dependencies', () => {
    const store = freshStore(open);

    test('each span whose parent is stored is a call, in whichever order they came', async () => {
      await write(store(), [spanOf({ service: 'api', spanId: spanIdOf(1), parentSpanId: spanIdOf(0) })]);
      expect(await store().dependencies.getDependencies(ALL_TIME, contextOf())).toEqual([]);
      await write(store(), [spanOf({ service: 'web' })]);
      await write(store(), [
        spanOf({ service: 'api', spanId: spanIdOf(2), parentSpanId: spanIdOf(0) }),
        spanOf({ service: 'api', spanId: spanIdOf(3), parentSpanId: spanIdOf(2) }),
        spanOf({ service: 'db', spanId: spanIdOf(4), parentSpanId: spanIdOf(3) }),
        spanOf({ service: 'db', spanId: spanIdOf(5), parentSpanId: spanIdOf(99) }),
        spanOf({ service: 'db', traceId: traceIdOf(1), spanId: spanIdOf(6), parentSpanId: spanIdOf(0) }),
      ]);
      expect(await store().dependencies.getDependencies(ALL_TIME, contextOf())).toEqual([
        { parent: 'api', child: 'api', callCount: 1 },
        { parent: 'api', child: 'db', callCount: 1 },
        { parent: 'web', child: 'api', callCount: 2 },
      ]);
    });

    test('children that start within the time are counted, wherever their parents are', async () => {
      await write(store(), [
        spanOf({ service: 'web', startTimeUnixNano: EPOCH - 1000n }),
        spanOf({ service: 'a', spanId: spanIdOf(1), parentSpanId: spanIdOf(0), startTimeUnixNano: EPOCH - 1n }),
        spanOf({ service: 'b', spanId: spanIdOf(2), parentSpanId: spanIdOf(0), startTimeUnixNano: EPOCH }),
        spanOf({ service: 'c', spanId: spanIdOf(3), parentSpanId: spanIdOf(0), startTimeUnixNano: EPOCH + 1n }),
      ]);
      const time = { startUnixNano: EPOCH, endUnixNano: EPOCH };
      expect(await store().dependencies.getDependencies(time, contextOf())).toEqual([
        { parent: 'web', child: 'b', callCount: 1 },
      ]);
    });
  });
}
