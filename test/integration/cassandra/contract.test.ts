import { describeStorage } from '@spoor/storage/contract';
import { afterAll, describe, test } from 'vitest';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { CASSANDRA_TRAITS, openCassandra } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside)('Cassandra', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  describeStorage('cassandra', { open: () => openCassandra(cassandra), traits: CASSANDRA_TRAITS });
});
