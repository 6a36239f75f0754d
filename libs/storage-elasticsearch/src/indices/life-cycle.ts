import { SpoorError } from '@spoor/model';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { ask } from './ask.ts';

/** What of the servers rolls indices over by itself: Elasticsearch's ILM, or ISM, a plugin of OpenSearch. */
export interface LifeCycle {
  readonly name: 'ILM' | 'ISM';
  readonly policies: string;
}

const ILM = { name: 'ILM', policies: '/_ilm/policy', probe: '/_ilm/status' } as const;
const ISM = { name: 'ISM', policies: '/_plugins/_ism/policies', probe: '/_plugins/_ism/policies' } as const;
const DAY_MS = 86_400_000;

export interface PolicyOptions {
  /** When a new index is begun, and how long an old one is kept (`retention.maxAge`). */
  readonly config: Pick<ElasticsearchConfig, 'rotation' | 'retention'>;
  readonly name: string;
  /** Of the indices and data streams that get it; ILM learns it from their templates. */
  readonly patterns: readonly string[];
  readonly signal: AbortSignal;
}

/** `undefined` where the servers have neither: their core has none. Throws what `ask` throws. */
export async function lifeCycleOf(server: SearchServer, signal: AbortSignal): Promise<LifeCycle | undefined> {
  const { flavour } = await server.version(signal);
  const { name, policies, probe } = flavour === 'opensearch' ? ISM : ILM;
  // 404: there is no policy yet.
  const { status } = await ask(server, { method: 'GET', path: probe, expected: [400, 403, 404, 405], signal });
  return status === 400 || status === 405 ? undefined : { name, policies };
}

/** Throws `SPOOR_INVALID_CONFIGURATION` when the servers do not have the policy. */
export async function demandPolicy(server: SearchServer, name: string, signal: AbortSignal): Promise<void> {
  const lifeCycle = await demandLifeCycle(server, signal);
  if (await hasPolicy(server, lifeCycle, name, signal)) return;
  const message = `the servers have no ${lifeCycle.name} policy ${name}, without which no new index is begun; create it first, or ask for it with --create-policy (npx spoor indices init)`;
  throw new SpoorError('SPOOR_INVALID_CONFIGURATION', message);
}

/**
 * Makes the policy where there is none of that name; one that is there is the operator's and stays as it is. False when it was
 * there. Throws `SPOOR_INVALID_CONFIGURATION` where the servers know no policies, and when the settings begin no new index.
 */
export async function createPolicy(server: SearchServer, options: PolicyOptions): Promise<boolean> {
  const { name, signal } = options;
  const lifeCycle = await demandLifeCycle(server, signal);
  const json = lifeCycle.name === 'ILM' ? ilmPolicy(options) : ismPolicy(options);
  if (await hasPolicy(server, lifeCycle, name, signal)) return false;
  const path = `${lifeCycle.policies}/${encodeURIComponent(name)}`;
  // ISM refuses to replace a policy, which somebody may have made in between.
  const { status } = await ask(server, { method: 'PUT', path, json, expected: [409], signal });
  return status !== 409;
}

/** CONTRACT §5.7: rolls over at any of the conditions of the settings; deleted so long after that. */
export function ilmPolicy({ config: { rotation, retention } }: Pick<PolicyOptions, 'config'>): object {
  const rollover = {
    ...(rotation.maxAge === 0 ? {} : { max_age: timeText(rotation.maxAge) }),
    ...(rotation.maxBytes === 0 ? {} : { max_size: `${rotation.maxBytes}b` }),
    ...(rotation.maxDocuments === 0 ? {} : { max_docs: rotation.maxDocuments }),
  };
  demandCondition(rollover);
  const hot = { min_age: '0ms', actions: { rollover } };
  const remove = { min_age: timeText(retention.maxAge), actions: { delete: {} } };
  return { policy: { phases: { hot, ...(retention.maxAge === 0 ? {} : { delete: remove }) } } };
}

/** As `ilmPolicy`, which ISM says in other words. */
export function ismPolicy({
  config: { rotation, retention },
  patterns,
}: Omit<PolicyOptions, 'name' | 'signal'>): object {
  const rollover = {
    ...(rotation.maxAge === 0 ? {} : { min_index_age: timeText(rotation.maxAge) }),
    ...(rotation.maxBytes === 0 ? {} : { min_size: `${rotation.maxBytes}b` }),
    ...(rotation.maxDocuments === 0 ? {} : { min_doc_count: rotation.maxDocuments }),
  };
  demandCondition(rollover);
  const keepsAll = retention.maxAge === 0;
  const toDelete = { state_name: 'delete', conditions: { min_rollover_age: timeText(retention.maxAge) } };
  const hot = { name: 'hot', actions: [{ rollover }], transitions: keepsAll ? [] : [toDelete] };
  const remove = { name: 'delete', actions: [{ delete: {} }], transitions: [] };
  return {
    policy: {
      description: 'made by Spoor of storage.elasticsearch.rotation and .retention',
      default_state: 'hot',
      states: keepsAll ? [hot] : [hot, remove],
      ism_template: [{ index_patterns: patterns, priority: 100 }],
    },
  };
}

async function demandLifeCycle(server: SearchServer, signal: AbortSignal): Promise<LifeCycle> {
  const lifeCycle = await lifeCycleOf(server, signal);
  if (lifeCycle !== undefined) return lifeCycle;
  const message =
    'the servers have no life-cycle policies (neither ILM nor the ISM plugin); leave rotation.policy out, and Spoor rolls over';
  throw new SpoorError('SPOOR_INVALID_CONFIGURATION', message);
}

async function hasPolicy(
  server: SearchServer,
  { policies }: LifeCycle,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `${policies}/${encodeURIComponent(name)}`;
  const { status } = await ask(server, { method: 'GET', path, expected: [404], signal });
  return status !== 404;
}

function demandCondition(conditions: object): void {
  if (Object.keys(conditions).length > 0) return;
  const message = 'a policy needs a condition: set rotation.maxAge, rotation.maxBytes or rotation.maxDocuments';
  throw new SpoorError('SPOOR_INVALID_CONFIGURATION', message);
}

/** In the largest unit that the servers know and that it is a whole number of. */
function timeText(ms: number): string {
  const units = [
    ['d', DAY_MS],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const [unit, size] = units.find(([, size]) => ms % size === 0) ?? (['ms', 1] as const);
  return `${ms / size}${unit}`;
}
