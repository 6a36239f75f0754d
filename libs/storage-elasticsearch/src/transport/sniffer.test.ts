import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { foundOrSkipped } from '../../../../test/harness/outside.ts';
import {
  type SearchServer as RealServer,
  startElasticsearch,
  startOpenSearch,
} from '../../../../test/harness/search-server.ts';
import { elasticsearchConfig } from '../settings.ts';
import { createSearchServer, type SearchServer } from './search-server.ts';
import { addressesIn } from './sniffer.ts';

const { signal } = new AbortController();
const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const opened: http.Server[] = [];
const clients: SearchServer[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function connect(servers: string[], interval = '1s'): SearchServer {
  const client = createSearchServer(elasticsearchConfig({ servers, sniff: { enabled: true, interval } }));
  clients.push(client);
  return client;
}

/** A node that tells of these nodes, and how often it was asked anything else. */
async function node(nodes: () => readonly string[]): Promise<{ address: string; asked: () => number }> {
  let asked = 0;
  const server = http.createServer((request, response) => {
    if (!request.url!.startsWith('/_nodes/http')) asked += 1;
    const found = nodes().map((publish_address, i) => [`n${i}`, { roles: ['data'], http: { publish_address } }]);
    response.end(JSON.stringify({ nodes: Object.fromEntries(found) }));
  });
  opened.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

/** Asking for the nodes takes a turn as well. */
async function askThrice(client: SearchServer): Promise<void> {
  for (let i = 0; i < 3; i += 1) await ask(client);
}

const ask = (client: SearchServer) => client.request({ method: 'GET', path: '/_cluster/health', signal });

describe('what the servers tell of their nodes', () => {
  test.each([
    ['10.0.0.1:9200', '10.0.0.1:9200'],
    ['es-1.example/10.0.0.1:9200', 'es-1.example:9200'],
    ['[::1]:9201', '[::1]:9201'],
  ])('%s is %s', (publish_address, address) => {
    const nodes = { one: { roles: ['master', 'data'], http: { publish_address } } };
    expect(addressesIn(JSON.stringify({ nodes }))).toEqual([address]);
  });

  test('is left out of nodes that only manage, or do not speak HTTP', () => {
    const nodes = {
      one: { roles: ['master'], http: { publish_address: 'a:1' } },
      two: { roles: ['cluster_manager'], http: { publish_address: 'b:1' } },
      three: { roles: ['data'] },
      coordinating: { roles: [], http: { publish_address: 'c:1' } },
    };
    expect(addressesIn(JSON.stringify({ nodes }))).toEqual(['c:1']);
  });
});

test('nodes that are found take turns, and those that are gone no longer', async () => {
  let known: string[] = [];
  const [seed, second, third] = [await node(() => known), await node(() => known), await node(() => known)];
  known = [seed.address, second.address];
  const client = connect([`http://${seed.address}`], '50ms');
  await expect.poll(async () => [await askThrice(client), second.asked()][1], { timeout: 10_000 }).toBeGreaterThan(2);
  known = [seed.address, third.address];
  await expect.poll(async () => [await askThrice(client), third.asked()][1], { timeout: 10_000 }).toBeGreaterThan(2);
  const before = second.asked();
  for (let i = 0; i < 10; i += 1) await ask(client);
  expect(second.asked()).toBe(before);
});

test('where the nodes that are found cannot be reached, the configured ones go on', async () => {
  const seed = await node(() => ['127.0.0.1:1', '127.0.0.1:2']);
  const client = connect([`http://${seed.address}`], '10ms');
  for (let i = 0; i < 20; i += 1) expect(await ask(client)).toMatchObject({ status: 200 });
});

test('without the setting nobody is asked', async () => {
  const other = await node(() => []);
  const seed = await node(() => [other.address]);
  const client = createSearchServer(elasticsearchConfig({ servers: [`http://${seed.address}`] }));
  clients.push(client);
  for (let i = 0; i < 10; i += 1) await ask(client);
  expect([seed.asked(), other.asked()]).toEqual([10, 0]);
});

describe.each(['elasticsearch', 'opensearch'] as const)('a real %s', (flavour) => {
  test('is found behind what stands before it', async (context) => {
    const { url } = foundOrSkipped<RealServer>(SERVERS[flavour], (note) => context.skip(note));
    let passed = 0;
    const proxy = http.createServer(async (request, response) => {
      passed += 1;
      const answer = await fetch(`${url}${request.url}`);
      response.writeHead(answer.status).end(await answer.text());
    });
    opened.push(proxy);
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const client = connect([`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`]);
    let sent = 0;
    // Of every two requests one goes past it, once the node is known. In a container its address may be out of reach.
    const inReach = new URL(url).host === addressesIn(await (await fetch(`${url}/_nodes/http`)).text())[0];
    await expect
      .poll(
        async () => {
          expect(await ask(client)).toMatchObject({ status: 200 });
          sent += 1;
          return sent > 3 && (!inReach || passed < sent);
        },
        { timeout: 20_000, interval: 20 },
      )
      .toBe(true);
  });
});
