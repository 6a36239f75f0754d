import { type CassandraStorageConfig, cassandraDependencyJob } from '@spoor/storage-cassandra';
import { createDependencyJob, createSearchServer, dayOf, parseDay } from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { type Command, UsageError } from '../command.ts';
import type { SearchContext } from '../indices/search-command.ts';
import { table } from '../table.ts';

/** What a command about calls is given. */
export interface DependencyContext extends SearchContext {
  /** Throws `SPOOR_INVALID_CONFIGURATION`. */
  readonly cassandra: () => CassandraStorageConfig;
}

/** What was counted for one tenant. */
interface CountedTenant {
  readonly tenant: string;
  readonly spans: number;
  readonly links: readonly { readonly callCount: number }[];
}

/** As the peer's job takes them: hosts, with a port or a scheme or without. */
const nodes = z
  .string()
  .regex(/^[^\s,/]+(:\/\/[^\s,/]+)?\/?(,[^\s,/]+(:\/\/[^\s,/]+)?\/?)*$/, 'must be hosts, separated by commas')
  .optional()
  .meta({
    description: 'The servers, where no URL is given; as storage.elasticsearch.servers',
    accepts: 'hosts, with http:// or https:// and port or without, separated by commas',
    env: ['ES_NODES'],
  });

const flags = {
  day: z
    .string()
    .optional()
    .meta({ description: 'The day; without it today', accepts: 'a date such as 2026-01-31', env: ['DATE'] }),
  nodes,
  'storage-type': z
    .enum(['elasticsearch', 'opensearch', 'cassandra'])
    .default('elasticsearch')
    .meta({ description: 'Where the spans are, and where the calls go', env: ['STORAGE'] }),
};

const definition: Command<typeof flags, DependencyContext> = {
  summary: 'Counts the calls between services of a day (UTC) from its spans, and stores them',
  operands: '[<day>] [<url>]',
  flags,
  async run(given, context) {
    const { operands, nowMs, hasUrl } = context;
    const isCassandra = given['storage-type'] === 'cassandra';
    const [operand, ...more] = operands;
    if (more.length > 0 || (operand !== undefined && given.day !== undefined))
      throw new UsageError('say one day: spoor dependencies compute [<day>] [<url>]');
    if (isCassandra && hasUrl)
      throw new UsageError('a URL is of a search server: name Cassandra with --storage.cassandra.servers');
    const day = dayWanted(operand ?? given.day, nowMs());
    const counted = isCassandra ? await inCassandra(day, context) : await inSearchServer(day, given.nodes, context);
    const tenants = counted.map(({ tenant, spans, links }) => ({
      ...{ tenant, spans },
      links: links.length,
      calls: sum(links.map(({ callCount }) => callCount)),
    }));
    const rows = tenants.map(({ tenant, spans, links, calls }) => [tenant, spans, links, calls]);
    const head = ['TENANT', 'SPANS', 'LINKS', 'CALLS'];
    return {
      json: { day, tenants },
      text: rows.length === 0 ? `there are no spans of ${day}` : `counted ${day}\n${table(head, rows)}`,
    };
  },
};
/** Forgets the types of its flags. */
export const computeDependencies = definition as unknown as Command;

async function inCassandra(day: string, { cassandra, signal }: DependencyContext): Promise<readonly CountedTenant[]> {
  const job = cassandraDependencyJob(cassandra());
  try {
    return await job.compute(day, signal);
  } finally {
    await job.close();
  }
}

async function inSearchServer(
  day: string,
  hosts: string | undefined,
  { nowMs, signal, layout, hasUrl, ...context }: DependencyContext,
): Promise<readonly CountedTenant[]> {
  const config = { ...context.config, layout: layout ?? context.config.layout };
  const servers = hasUrl ? undefined : hosts?.split(',').map(urlOf);
  const server = servers === undefined ? context.server : createSearchServer({ ...config, servers });
  try {
    const counted = await createDependencyJob(config, { server, clock: { nowMs } }).compute(day, signal);
    return counted.map(({ tenant, links, documents }) => ({ tenant, links, spans: sum(Object.values(documents)) }));
  } finally {
    if (server !== context.server) server.close();
  }
}

function dayWanted(text: string | undefined, nowMs: number): string {
  try {
    return text === undefined ? dayOf(nowMs) : parseDay(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function urlOf(host: string): string {
  const url = new URL(host.includes('://') ? host : `http://${host}`);
  const hasPort = /:\d+\/?$/.test(host);
  return `${url.protocol}//${url.hostname}:${hasPort ? url.port || (url.protocol === 'https:' ? 443 : 80) : 9200}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
