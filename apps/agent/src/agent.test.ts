import { createSocket } from 'node:dgram';
import { decodeJaegerBatch } from '@spoor/jaeger';
import { SpoorError } from '@spoor/model';
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { type Agent, type AgentDependencies, createAgent } from './agent.ts';
import { agentTagsOf } from './agent-tags.ts';
import { agentConfig } from './config.ts';
import type { SpanPacket } from './packets/decode.ts';
import { GOLDEN_PACKETS } from './test/golden-packets.ts';

const SEEN = { timeout: 10_000, interval: 5 };
const NEVER = new AbortController().signal;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface Running {
  readonly agent: Agent;
  /** The value of a counter or gauge, summed over those labels that are not given. */
  count(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  send(listener: 'jaegerCompact' | 'jaegerBinary' | 'zipkinCompact', ...packets: readonly Uint8Array[]): Promise<void>;
}

async function start(
  send: AgentDependencies['send'],
  overrides: Record<string, unknown> = {},
  env: Record<string, string> = {},
  logger: Logger = pino({ level: 'silent' }),
): Promise<Running> {
  const metrics = new Registry();
  const endpoint = '127.0.0.1:0';
  const config = agentConfig.parse({
    jaegerCompact: { endpoint, maxPacketBytes: '2000' },
    jaegerBinary: { endpoint },
    zipkinCompact: { endpoint },
    ...overrides,
  });
  const agent = createAgent(config, { send, logger, metrics, env, random: () => 0 });
  await agent.start();
  const socket = createSocket('udp4');
  stops.push(async () => {
    socket.close();
    await agent.stop(AbortSignal.abort());
  });
  return {
    agent,
    async count(name, labels = {}) {
      const metric = await metrics.getSingleMetric(name)?.get();
      const matching = metric?.values.filter((value) =>
        Object.entries(labels).every(([k, v]) => value.labels[k] === v),
      );
      return matching?.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
    async send(listener, ...packets) {
      const port = Number(agent.addresses()[listener]?.split(':')[1]);
      for (const packet of packets)
        await new Promise<void>((resolve, reject) =>
          socket.send(packet, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
        );
    },
  };
}

test('packets at each port are handed on, with the tags of the agent', async () => {
  const sent: SpanPacket[] = [];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form in which the environment is named
  const tags = ['zone=a', 'host=${HOST:none}', 'pod=${POD:none}', 'gone=${GONE}'];
  const { send, count } = await start(async (packet) => void sent.push(packet), { tags }, { HOST: 'h1' });
  await send('jaegerCompact', GOLDEN_PACKETS.jaegerCompact);
  await send('jaegerBinary', GOLDEN_PACKETS.jaegerBinary);
  await send('zipkinCompact', GOLDEN_PACKETS.zipkinCompact);
  await expect.poll(() => sent.length, SEEN).toBe(3);
  for (const { resource } of sent.flatMap(({ batch }) => decodeJaegerBatch(batch)))
    expect(resource.attributes.slice(-3)).toEqual([
      { key: 'zone', value: 'a' },
      { key: 'host', value: 'h1' },
      { key: 'pod', value: 'none' },
    ]);
  expect(await count('spoor_agent_forwarded_spans_total')).toBe(7);
  for (const listener of ['jaeger-compact', 'jaeger-binary', 'zipkin-compact'])
    expect(await count('spoor_agent_packets_received_total', { listener })).toBe(1);
});

test('every packet that is lost is counted by its reason', async () => {
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const { send, count, agent } = await start(() => taken, { buffer: { maxBatches: 2, concurrency: 1 } });
  await send('jaegerCompact', Buffer.from('nonsense'), Buffer.alloc(2_001), GOLDEN_PACKETS.jaegerBinary);
  await send('jaegerBinary', ...Array.from({ length: 5 }, () => GOLDEN_PACKETS.jaegerBinary));
  await expect.poll(() => count('spoor_agent_packets_received_total'), SEEN).toBe(8);
  const dropped = (reason: string) => count('spoor_agent_packets_dropped_total', { reason });
  expect([await dropped('malformed'), await dropped('too_large'), await dropped('buffer_full')]).toEqual([2, 1, 3]);
  expect(await count('spoor_agent_buffer_batches')).toBe(2);
  const binary = { model: 'jaeger', protocol: 'binary' };
  expect(await count('jaeger_agent_thrift_udp_server_queue_size', binary)).toBe(2);
  expect(await count('jaeger_agent_thrift_udp_server_packet_size', binary)).toBe(GOLDEN_PACKETS.jaegerBinary.length);
  take();
  await expect.poll(() => count('spoor_agent_forwarded_batches_total'), SEEN).toBe(2);
  expect(await count('jaeger_agent_thrift_udp_server_queue_size')).toBe(0);
  expect(await count('jaeger_agent_reporter_batch_size', { format: 'jaeger', protocol: 'grpc' })).toBe(2);
  expect(await count('spoor_agent_buffer_bytes')).toBe(0);
  expect(agent.readiness()).toEqual({ ready: true });
});

test('trouble is tried again until it is over, and readiness tells it meanwhile', async () => {
  let failures = 3;
  const sent: SpanPacket[] = [];
  const { send, agent, count } = await start(
    async (packet) => {
      if (failures > 0) {
        failures -= 1;
        throw new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', 'nobody is there');
      }
      sent.push(packet);
    },
    { buffer: { retry: { initialDelay: '1ms', maxDelay: '50ms' } } },
  );
  await send('jaegerBinary', GOLDEN_PACKETS.jaegerBinary);
  await expect.poll(() => agent.readiness().reason ?? sent.length, SEEN).toBeTruthy();
  await expect.poll(() => sent.length, SEEN).toBe(1);
  await expect.poll(() => agent.readiness().ready, SEEN).toBe(true);
  expect(await count('spoor_agent_retries_total')).toBe(3);
});

test('what is refused for good is dropped and counted, the next packet goes on', async () => {
  let calls = 0;
  const { send, count } = await start(async () => {
    calls += 1;
    if (calls === 1) throw new SpoorError('SPOOR_INVALID_REQUEST', 'these spans are wrong');
  });
  await send('jaegerBinary', GOLDEN_PACKETS.jaegerBinary, GOLDEN_PACKETS.jaegerBinary);
  await expect.poll(() => count('spoor_agent_forwarded_spans_total'), SEEN).toBe(2);
  expect(await count('spoor_agent_dropped_spans_total', { reason: 'refused' })).toBe(2);
  expect(await count('spoor_agent_retries_total')).toBe(0);
});

test('a collector that refuses everything, or a client that sends nonsense, does not fill the log', async () => {
  const lines: { readonly msg: string }[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const refuse = async () => {
    throw new SpoorError('SPOOR_INVALID_REQUEST', 'these spans are wrong');
  };
  const { send, count } = await start(refuse, {}, {}, logger);
  await send('jaegerBinary', ...Array.from({ length: 20 }, () => GOLDEN_PACKETS.jaegerBinary));
  await send('jaegerBinary', ...Array.from({ length: 20 }, () => Buffer.from('nonsense')));
  await expect.poll(() => count('spoor_agent_dropped_spans_total', { reason: 'refused' }), SEEN).toBe(40);
  await expect.poll(() => count('spoor_agent_packets_dropped_total', { reason: 'malformed' }), SEEN).toBe(20);
  expect(lines.map(({ msg }) => msg).sort()).toEqual([
    'a packet cannot be read',
    'spans were refused: these spans are wrong',
  ]);
});

test('stop hands on what waits; when time is up the rest is counted', async () => {
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const first = await start(() => taken);
  await first.send('jaegerBinary', GOLDEN_PACKETS.jaegerBinary, GOLDEN_PACKETS.jaegerBinary);
  await expect.poll(() => first.count('spoor_agent_buffer_batches'), SEEN).toBe(2);
  const stopped = first.agent.stop(NEVER);
  expect(first.agent.readiness().ready).toBe(false);
  take();
  await stopped;
  expect(await first.count('spoor_agent_forwarded_batches_total')).toBe(2);

  const second = await start(async (_packet, signal) => {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', 'nobody is there');
  });
  await second.send('jaegerBinary', GOLDEN_PACKETS.jaegerBinary);
  await expect.poll(() => second.count('spoor_agent_buffer_batches'), SEEN).toBe(1);
  await second.agent.stop(AbortSignal.abort());
  expect(await second.count('spoor_agent_dropped_spans_total', { reason: 'stopping' })).toBe(2);
});

test('a tag that is none is refused', () => {
  expect(() => agentTagsOf(['novalue'], {})).toThrow('agent.tags has "novalue"; write key=value');
});

test.each([
  { env: { POD: 'p' }, pod: 'p', ip: '' },
  { env: { POD: '', IP: '10.0.0.1' }, pod: 'none', ip: '10.0.0.1' },
  { env: { IP: '' }, pod: 'none', ip: '' },
])('a variable that is empty is as one that is not set: $env', ({ env, pod, ip }) => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form in which the environment is named
  expect(agentTagsOf(['pod=${POD:none}', 'ip=${IP:}', 'gone=${GONE}', 'name='], env)).toEqual([
    { key: 'pod', value: pod },
    { key: 'ip', value: ip },
    { key: 'name', value: '' },
  ]);
});
