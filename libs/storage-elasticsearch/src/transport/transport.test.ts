import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKafkaCertificate, createKafkaClientCertificate } from '../../../../test/harness/kafka-certificate.ts';
import { temporaryDirectory } from '../../../../test/harness/temporary-directory.ts';
import { ask } from '../indices/ask.ts';
import { askSearch } from '../reader/ask-search.ts';
import { elasticsearchConfig } from '../settings.ts';
import { requestOutcome } from '../writer/item-outcome.ts';
import { addressesOf } from './addresses.ts';
import { NodePool } from './node-pool.ts';
import { createSearchServer, type SearchServer } from './search-server.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

type Answer = (asked: Asked, response: http.ServerResponse) => void;

describe('the transport', () => {
  const opened: (http.Server | https.Server)[] = [];
  const clients: SearchServer[] = [];
  const { signal } = new AbortController();

  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    for (const server of opened.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function node(answer: Answer, tls?: https.ServerOptions): Promise<{ url: string; asked: Asked[] }> {
    const asked: Asked[] = [];
    const listener: http.RequestListener = async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const one = { method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(chunks) };
      asked.push(one);
      answer(one, response);
    };
    const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
    opened.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, asked };
  }

  function connect(config: Parameters<typeof elasticsearchConfig>[0], nowMs?: () => number): SearchServer {
    const client = createSearchServer(elasticsearchConfig(config), nowMs === undefined ? {} : { nowMs });
    clients.push(client);
    return client;
  }

  const ok: Answer = (_asked, response) => response.end('{"ok":true}');
  const status =
    (code: number, headers: http.OutgoingHttpHeaders = {}): Answer =>
    (_asked, response) =>
      response.writeHead(code, headers).end('{}');

  test('sends what it is told, and gives back what was answered', async () => {
    const { url, asked } = await node(ok);
    const answer = await connect({ servers: [`${url}/behind/`], headers: { 'x-opaque-id': 'spoor' } }).request({
      method: 'POST',
      path: '/_bulk',
      query: { filter_path: 'items.*.status', refresh: true },
      body: '{}\n',
      contentType: 'application/x-ndjson',
      signal,
    });
    expect(answer).toEqual({ status: 200, body: '{"ok":true}', retryAfterMs: undefined });
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: '/behind/_bulk?filter_path=items.*.status&refresh=true',
        headers: { 'content-type': 'application/x-ndjson', 'content-length': '3', 'x-opaque-id': 'spoor' },
      },
    ]);
  });

  test('keeps its connection', async () => {
    const ports = new Set<number | undefined>();
    const { url } = await node((_asked, response) => {
      ports.add(response.socket?.remotePort);
      response.end('{}');
    });
    const client = connect({ servers: [url] });
    for (let i = 0; i < 5; i += 1) await client.request({ method: 'GET', path: '/', signal });
    expect(ports.size).toBe(1);
  });

  test('asks again when the server closed an idle connection just then', async () => {
    const { url, asked } = await node((_request, response) => {
      if (asked.length === 2) response.socket?.resetAndDestroy();
      else response.end('{}');
    });
    const client = connect({ servers: [url] });
    await client.request({ method: 'GET', path: '/', signal });
    expect((await client.request({ method: 'GET', path: '/', signal })).status).toBe(200);
    expect(asked).toHaveLength(3);
  });

  test('compresses bodies when told to, and reads compressed answers', async () => {
    const { url, asked } = await node((_asked, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"zipped":1}')),
    );
    const body = 'spans '.repeat(1_000);
    const answer = await connect({ servers: [url], gzip: true }).request({ method: 'POST', path: '/', body, signal });
    expect(answer.body).toBe('{"zipped":1}');
    expect(asked[0]!.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(asked[0]!.body).toString()).toBe(body);
  });

  test('spreads requests over the nodes, and leaves out those that do not answer', async () => {
    const nodes = [await node(ok), await node(ok)];
    const client = connect({ servers: ['http://127.0.0.1:1', ...nodes.map(({ url }) => url)] });
    for (let i = 0; i < 9; i += 1) await client.request({ method: 'GET', path: '/', signal });
    const counts = nodes.map(({ asked }) => asked.length);
    expect(counts[0]! + counts[1]!).toBe(9);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
  });

  test('asks the next node when one says that it cannot, and the first again later', async () => {
    let now = 0;
    let isIll = true;
    const ill = await node((asked, response) => status(isIll ? 503 : 200)(asked, response));
    const well = await node(ok);
    const client = connect({ servers: [ill.url, well.url] }, () => now);
    expect((await client.request({ method: 'GET', path: '/', signal })).status).toBe(200);
    await client.request({ method: 'GET', path: '/', signal });
    expect([ill.asked.length, well.asked.length]).toEqual([1, 2]);
    isIll = false;
    now = 60_000;
    for (let i = 0; i < 4; i += 1) await client.request({ method: 'GET', path: '/', signal });
    expect([ill.asked.length, well.asked.length]).toEqual([3, 4]);
  });

  test('gives back the last refusal when every node refuses', async () => {
    const { url } = await node(status(503, { 'retry-after': '7' }));
    const answer = await connect({ servers: [url] }).request({ method: 'GET', path: '/', signal });
    expect(answer).toMatchObject({ status: 503, retryAfterMs: 7_000 });
  });

  test('says that the storage is unavailable when nobody answers', async () => {
    const asking = connect({ servers: ['http://127.0.0.1:1'] }).request({ method: 'GET', path: '/', signal });
    await expect(asking).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
  });

  test('does not wait longer than it may', async () => {
    const { url } = await node(() => undefined);
    const asking = connect({ servers: [url], timeout: '50ms' }).request({ method: 'GET', path: '/', signal });
    await expect(asking).rejects.toMatchObject({
      code: 'SPOOR_STORAGE_UNAVAILABLE',
      message: `${url} does not answer: no answer within 50 ms`,
    });
  });

  test('takes no half answer for a whole one', async () => {
    const { url } = await node((_asked, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"items":[', () => response.destroy());
    });
    const asking = connect({ servers: [url] }).request({ method: 'GET', path: '/', signal });
    await expect(asking).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
  });

  test('stops when the caller gives up, and asks no other node', async () => {
    const aborter = new AbortController();
    const silent = await node(() => aborter.abort());
    const other = await node(ok);
    const client = connect({ servers: [silent.url, other.url] });
    const asking = client.request({ method: 'GET', path: '/', signal: aborter.signal });
    await expect(asking).rejects.toMatchObject({ code: 'SPOOR_DEADLINE_EXCEEDED' });
    expect(other.asked).toEqual([]);
  });

  test.each([
    ['a user name', { username: 'elastic', password: 'changed' }, 'Basic ZWxhc3RpYzpjaGFuZ2Vk'],
    ['an API key', { apiKey: 'a2V5' }, 'ApiKey a2V5'],
  ])('logs in with %s', async (_what, login, header) => {
    const { url, asked } = await node(ok);
    await connect({ servers: [url], ...login }).request({ method: 'GET', path: '/', signal });
    expect(asked[0]!.headers.authorization).toBe(header);
  });

  test('reads a token again when the servers refuse the old one', async () => {
    const directory = temporaryDirectory('token');
    const tokenFile = join(directory.path, 'token');
    writeFileSync(tokenFile, 'old\n');
    const { url, asked } = await node((request, response) =>
      status(request.headers.authorization === 'Bearer new' ? 200 : 401)(request, response),
    );
    const client = connect({ servers: [url], tokenFile });
    writeFileSync(tokenFile, 'new\n');
    expect((await client.request({ method: 'GET', path: '/', signal })).status).toBe(401);
    expect((await client.request({ method: 'GET', path: '/', signal })).status).toBe(200);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    directory.remove();
  });

  test.each([
    ['two logins', { username: 'u', password: 'p', apiKey: 'k' }, /several logins/],
    ['half a login', { username: 'u' }, /no password/],
    ['a password of nobody', { password: 'p' }, /no user name/],
    ['a token file that is not there', { tokenFile: '/nowhere/token' }, /tokenFile that cannot be read/],
    ['half a certificate', { tls: { cert: '/nowhere' } }, /belong together/],
    ['a cloud id beside servers', { cloudId: 'mine:eA==', servers: ['http://mine:9200'] }, /servers and a cloudId/],
    ['a cloud id that is none', { cloudId: 'mine' }, /cloudId is not one/],
  ])('refuses %s', (_what, settings, message) => {
    expect(() => connect(settings)).toThrow(message);
  });

  test.each([
    [401, /; give the login as storage\.elasticsearch\.username/],
    [403, /; give the login the rights/],
  ])('a refusal with %d says what to do, whoever asked', async (code, advice) => {
    const { url } = await node(status(code));
    const client = connect({ servers: [url] });
    await expect(ask(client, { method: 'GET', path: '/x', signal })).rejects.toThrow(advice);
    await expect(askSearch(client, { indices: ['x'] }, {}, signal)).rejects.toThrow(advice);
    expect(requestOutcome(code, '{}')).toMatchObject({ message: expect.stringMatching(advice) });
  });

  describe('over TLS', () => {
    let server: { pfx: Buffer; passphrase: string; ca: string };
    let client: { cert: string; key: string };
    const directory = temporaryDirectory('search-tls');
    const ca = join(directory.path, 'ca.pem');

    beforeAll(async () => {
      const { keyStore, password, ca: trusted } = await createKafkaCertificate(directory.path);
      server = { pfx: readFileSync(keyStore), passphrase: password, ca: trusted };
      writeFileSync(ca, trusted);
      await createKafkaClientCertificate(directory.path);
      client = { cert: join(directory.path, 'client.pem'), key: join(directory.path, 'client.key') };
      return () => directory.remove();
    });

    test('trusts what it is told to trust, and proves who it is', async () => {
      const { url } = await node(ok, {
        ...server,
        ca: readFileSync(client.cert),
        requestCert: true,
        rejectUnauthorized: true,
      });
      const trusting = connect({ servers: [url], tls: { ca, ...client } });
      expect((await trusting.request({ method: 'GET', path: '/', signal })).status).toBe(200);
      const nameless = connect({ servers: [url], tls: { ca } });
      await expect(nameless.request({ method: 'GET', path: '/', signal })).rejects.toThrow(/tls\.cert and tls\.key/);
      const elsewhere = connect({ servers: [url], tls: { ca, ...client, serverName: 'other.example' } });
      await expect(elsewhere.request({ method: 'GET', path: '/', signal })).rejects.toThrow(/tls\.serverName/);
    });

    test('says where there is none', async () => {
      const { url } = await node(ok);
      const client = connect({ servers: [url.replace('http:', 'https:')], tls: { ca } });
      await expect(client.request({ method: 'GET', path: '/', signal })).rejects.toThrow(/speaks no TLS: write http:/);
    });

    test('trusts nobody else', async () => {
      const { url } = await node(ok, { pfx: server.pfx, passphrase: server.passphrase });
      await expect(connect({ servers: [url] }).request({ method: 'GET', path: '/', signal })).rejects.toThrow(
        /certificate.*; give the authority .* storage\.elasticsearch\.tls\.ca/,
      );
      const blind = connect({ servers: [url], tls: { skipHostVerify: true } });
      expect((await blind.request({ method: 'GET', path: '/', signal })).status).toBe(200);
    });
  });

  describe('the version', () => {
    const says =
      (root: number, version: object, nodes: object): Answer =>
      (asked, response) => {
        if (asked.url === '/') response.writeHead(root).end(JSON.stringify({ version }));
        else response.end(JSON.stringify({ nodes }));
      };

    test.each([
      ['what they say', says(200, { number: '8.19.2' }, {}), { flavour: 'elasticsearch', major: 8 }],
      [
        'OpenSearch by its word',
        says(200, { number: '2.19.1', distribution: 'opensearch' }, {}),
        { flavour: 'opensearch', major: 2 },
      ],
      [
        'the oldest node, where the root is closed',
        says(405, {}, { a: { version: '9.0.1' }, b: { version: '8.19.0' } }),
        { major: 8 },
      ],
      ['OpenSearch by its number', says(403, {}, { a: { version: '3.1.0' } }), { flavour: 'opensearch', major: 3 }],
    ])('is %s', async (_what, answer, version) => {
      const { url } = await node(answer);
      expect(await connect({ servers: [url] }).version(signal)).toMatchObject(version);
    });

    test('is what the setting says, without asking', async () => {
      const client = connect({ servers: ['http://127.0.0.1:1'], version: '102' });
      expect(await client.version(signal)).toEqual({ flavour: 'opensearch', major: 2, text: '2' });
    });
  });
});

test('a cloud id names its host', () => {
  const cloudId = `mine:${Buffer.from('eu-west-1.aws.found.io:9243$0123abcd$kibana').toString('base64')}`;
  expect(addressesOf({ servers: [], cloudId })).toEqual(['https://0123abcd.eu-west-1.aws.found.io:9243']);
});

test('a node that goes on failing rests longer each time', () => {
  let now = 0;
  const pool = new NodePool(['a', 'b'], () => now);
  const next = () => pool.next(new Set());
  pool.failed('a');
  expect([next(), next()]).toEqual(['b', 'b']);
  now = 1_000;
  expect(new Set([next(), next()])).toEqual(new Set(['a', 'b']));
  pool.failed('a');
  now = 2_500;
  expect([next(), next()]).toEqual(['b', 'b']);
  now = 3_000;
  expect(new Set([next(), next()])).toEqual(new Set(['a', 'b']));
});
