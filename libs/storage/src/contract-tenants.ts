import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import { ALL_TIME, batchOf, contextOf, find, readTrace, spanIdOf, spanOf, traceIdOf } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';

export function describeTenants(open: OpenStoreForTest): void {
  describe('tenants', () => {
    const store = freshStore(open);

    test('tenants see nothing of one another, even of a trace id that both have', async () => {
      const red = [
        spanOf({ service: 'red-web' }),
        spanOf({ service: 'red-api', spanId: spanIdOf(1), parentSpanId: spanIdOf(0) }),
      ];
      const blue = [spanOf({ service: 'blue-web' })];
      const both = spanOf({ service: 'both', spanId: spanIdOf(5) });
      await store().writer.write([batchOf([...red, both], 'red'), batchOf([...blue, both], 'blue')], contextOf('red'));
      expect(await readTrace(store(), traceIdOf(0), 'red')).toEqual([...red, both]);
      expect(await readTrace(store(), traceIdOf(0), 'blue')).toEqual([...blue, both]);
      expect(await find(store(), { serviceName: 'red-web' }, 'blue')).toEqual([]);
      expect(await store().reader.getServices(contextOf('blue'))).toEqual(['blue-web', 'both']);
      expect(await store().reader.getOperations('red-web', contextOf('blue'))).toEqual([]);
      expect(await store().reader.summariseTraces([traceIdOf(0)], contextOf('blue'))).toMatchObject([{ spanCount: 2 }]);
      expect(await store().dependencies.getDependencies(ALL_TIME, contextOf('blue'))).toEqual([]);
      expect(await store().dependencies.getDependencies(ALL_TIME, contextOf('red'))).toEqual([
        { parent: 'red-web', child: 'red-api', callCount: 1 },
      ]);
      expect(await store().reader.getServices(contextOf('nobody'))).toEqual([]);
      expect(await find(store(), {}, 'nobody')).toEqual([]);
    });
  });
}
