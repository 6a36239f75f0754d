import { expect, test } from 'vitest';
import { createImageChoice, type Engine, EngineError } from './image-choice.ts';

const KAFKA = { name: 'Kafka', official: 'hub/kafka:1', variable: 'KAFKA_IMAGE' };
const CASSANDRA = { name: 'Cassandra', official: 'hub/cassandra:1', variable: 'CASSANDRA_IMAGE' };
const SEARCH = { name: 'Elasticsearch', official: 'elastic/search:1', variable: 'SEARCH_IMAGE' };

interface Given {
  readonly environment?: Readonly<Record<string, string>>;
  /** Images on the machine. */
  readonly here?: readonly string[];
  /** What a registry says of an image that is not here; absent, it gives it. */
  readonly refusal?: (image: string) => EngineError | undefined;
  readonly reaper?: string;
  readonly guard?: () => Promise<void>;
  readonly absent?: string;
}

function choice({ environment = {}, here = [], refusal, reaper, guard = async () => {}, absent }: Given) {
  const lines: string[] = [];
  const events: string[] = [];
  const engine: Engine = {
    registryOf: (image) => image.split('/')[0] ?? '',
    has: async (image) => here.includes(image),
    async pull(image) {
      events.push(`pull ${image}`);
      const refused = refusal?.(image);
      if (refused !== undefined) throw refused;
    },
    reaperImage: () => reaper,
    async guard() {
      events.push('guard');
      await guard();
    },
  };
  const choose = createImageChoice({
    environment,
    async openEngine() {
      events.push('open');
      return absent === undefined ? engine : { absent };
    },
    say: (line) => void lines.push(line),
  });
  return { choose, lines, events };
}

test('an image that the environment names goes before the official one, which is taken where it is or pulled', async () => {
  const { choose, lines, events } = choice({ environment: { KAFKA_IMAGE: 'mine/kafka' }, here: ['mine/kafka'] });
  expect(await choose(KAFKA)).toEqual({ found: 'mine/kafka' });
  expect(await choose(CASSANDRA)).toEqual({ found: 'hub/cassandra:1' });
  expect(await choose(CASSANDRA)).toEqual({ found: 'hub/cassandra:1' });
  expect(events).toEqual(['open', 'guard', 'pull hub/cassandra:1']);
  expect(lines).toEqual([]);
});

test('an image that the environment names is not replaced: whoever named it learns why it is not there', async () => {
  const environment = { KAFKA_IMAGE: 'mine/kafka', SPOOR_TEST_DOCKER: 'no' };
  const refusing = choice({ environment, refusal: () => new EngineError('no such\nimage') });
  expect(await refusing.choose(KAFKA)).toMatchObject({
    missing: 'KAFKA_IMAGE is mine/kafka, but Docker has no image mine/kafka (no such image)',
  });
  const without = choice({ environment, absent: 'there is no Docker' });
  expect(await without.choose(KAFKA)).toMatchObject({ missing: 'KAFKA_IMAGE is mine/kafka, but there is no Docker' });
  expect([...refusing.lines, ...without.lines]).toEqual([]);
});

test('without Docker one line says so for all servers', async () => {
  const off = choice({ environment: { SPOOR_TEST_DOCKER: 'no' } });
  expect(await off.choose(KAFKA)).toMatchObject({ missing: 'SPOOR_TEST_DOCKER is no' });
  const none = choice({ absent: 'there is no Docker' });
  await Promise.all([none.choose(KAFKA), none.choose(CASSANDRA), none.choose(KAFKA)]);
  expect(off.events).toEqual([]);
  expect(none.events).toEqual(['open']);
  expect([...off.lines, ...none.lines]).toEqual([
    'Docker is not used for the servers of tests: SPOOR_TEST_DOCKER is no. Local Java is used instead.',
    'Docker is not used for the servers of tests: there is no Docker. Local Java is used instead.',
  ]);
});

test('a registry that does not answer is asked once, one that lacks an image is asked for the next', async () => {
  const refusal = (image: string) =>
    image.startsWith('hub/') ? new EngineError('waited for hub', 'hub') : new EngineError('no such image');
  const { choose, lines, events } = choice({ refusal });
  for (const server of [KAFKA, CASSANDRA, SEARCH, KAFKA]) await choose(server);
  await choose({ ...SEARCH, name: 'OpenSearch', official: 'elastic/other:1' });
  expect(events).toEqual(['open', 'pull hub/kafka:1', 'pull elastic/search:1', 'pull elastic/other:1']);
  expect(lines).toEqual([
    'Docker is not used for Kafka: Docker has no image hub/kafka:1 (waited for hub). Local Java is used instead.',
    'Docker is not used for Cassandra: Docker has no image hub/cassandra:1 (waited for hub). Local Java is used instead.',
    'Docker is not used for Elasticsearch: Docker has no image elastic/search:1 (no such image). Local Java is used instead.',
    'Docker is not used for OpenSearch: Docker has no image elastic/other:1 (no such image). Local Java is used instead.',
  ]);
});

test('nothing is started that a killed test run would leave behind', async () => {
  const here = [KAFKA.official, CASSANDRA.official];
  const absent = choice({ here, reaper: 'hub/ryuk:1', refusal: () => new EngineError('no such image') });
  expect(await absent.choose(KAFKA)).toHaveProperty('missing');
  expect(absent.lines[0]).toContain('hub/ryuk:1 (no such image), which removes the containers of a test run');
  expect(absent.events).toEqual(['open', 'pull hub/ryuk:1']);
  const failing = choice({ here, reaper: here[0]!, guard: () => Promise.reject(new Error('no socket')) });
  expect(await failing.choose(KAFKA)).toHaveProperty('missing');
  expect(await failing.choose(CASSANDRA)).toHaveProperty('missing');
  expect(failing.lines[1]).toContain('does not start: no socket');
  expect(failing.events).toEqual(['open', 'guard']);
});
