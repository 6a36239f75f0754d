import { createDependencyJob, createSearchServer, dayOf, parseDay } from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { UsageError } from '../command.ts';
import { command } from '../indices/search-command.ts';
import { table } from '../table.ts';

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

export const computeDependencies = command({
  summary: 'Counts the calls between services of a day (UTC) from its spans, and stores them',
  operands: '[<day>] [<url>]',
  flags: {
    day: z
      .string()
      .optional()
      .meta({ description: 'The day; without it today', accepts: 'a date such as 2026-01-31', env: ['DATE'] }),
    nodes,
    'storage-type': z
      .enum(['elasticsearch', 'opensearch'])
      .default('elasticsearch')
      .meta({ description: 'Where the spans are; on Cassandra they are counted when asked for', env: ['STORAGE'] }),
  },
  async run({ day: flag, nodes: hosts }, context) {
    const { operands, nowMs, signal, layout, hasUrl } = context;
    const [operand, ...more] = operands;
    if (more.length > 0 || (operand !== undefined && flag !== undefined))
      throw new UsageError('say one day: spoor dependencies compute [<day>] [<url>]');
    const day = dayWanted(operand ?? flag, nowMs());
    const config = { ...context.config, layout: layout ?? context.config.layout };
    const servers = hasUrl ? undefined : hosts?.split(',').map(urlOf);
    const server = servers === undefined ? context.server : createSearchServer({ ...config, servers });
    try {
      const counted = await createDependencyJob(config, { server, clock: { nowMs } }).compute(day, signal);
      const tenants = counted.map(({ tenant, links, documents }) => ({
        tenant,
        spans: sum(Object.values(documents)),
        links: links.length,
        calls: sum(links.map(({ callCount }) => callCount)),
      }));
      const rows = tenants.map(({ tenant, spans, links, calls }) => [tenant, spans, links, calls]);
      const head = ['TENANT', 'SPANS', 'LINKS', 'CALLS'];
      return {
        json: { day, tenants },
        text: rows.length === 0 ? `there are no spans of ${day}` : `counted ${day}\n${table(head, rows)}`,
      };
    } finally {
      if (server !== context.server) server.close();
    }
  },
});

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
