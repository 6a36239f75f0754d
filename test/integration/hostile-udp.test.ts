import { createSocket } from 'node:dgram';
import { compactProtocol } from '@spoor/thrift';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thriftBatch } from '../fixtures/jaeger-thrift.ts';
import { createSpanGenerator } from '../fixtures/spans.ts';
import { startAllInOne } from '../harness/all-in-one.ts';
import { traceWith } from '../harness/query-api.ts';

const PACKETS = 600;
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;

test('whatever arrives by UDP, it is counted by its reason, memory stays, and the next packet is stored', async () => {
  await using spoor = await startAllInOne();
  const socket = createSocket('udp4');
  const send = (packet: Uint8Array, address: string) =>
    new Promise<void>((resolve, reject) =>
      socket.send(packet, Number(address.split(':')[1]), '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  const received = async () => (await spoor.metrics()).sum('spoor_agent_packets_received_total');
  const spans = createSpanGenerator({
    seed: 5,
    // The same bytes in every run.
    startTimeUnixNano: 1_767_225_600_000_000_000n,
    spansPerTrace: 3,
  }).spans(3);
  const sound = compactProtocol.call('emitBatch', 'oneway', [[1, thriftBatch(spans)]]);
  try {
    const before = spoor.rssBytes();
    const spoilt = fc
      .tuple(fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }), fc.nat())
      .map(([flips, cut]) => {
        const bytes = Uint8Array.from(sound);
        for (const [at, byte] of flips) bytes[at % bytes.length]! ^= byte;
        return bytes.subarray(0, 1 + (cut % (bytes.length - 1)));
      });
    const packets = fc.sample(fc.oneof(spoilt, fc.uint8Array({ minLength: 1, maxLength: 1_400 })), {
      seed: 6831,
      numRuns: PACKETS,
    });
    const ports = [spoor.addresses.jaegerCompact, spoor.addresses.jaegerBinary, spoor.addresses.zipkinCompact];
    for (const [at, packet] of packets.entries()) {
      await send(packet, ports[at % ports.length]!);
      // The buffer of a socket is small; nobody waits for a packet that did not fit.
      if (at % 20 === 19) await expect.poll(received, { timeout: 20_000, interval: 5 }).toBe(at + 1);
    }
    await send(Buffer.alloc(65_001, 1), spoor.addresses.jaegerCompact);
    await expect.poll(received, { timeout: 20_000, interval: 5 }).toBe(PACKETS + 1);

    const metrics = await spoor.metrics();
    const dropped = (reason: string) => metrics.sum('spoor_agent_packets_dropped_total', { reason });
    expect(dropped('too_large')).toBe(1);
    expect(dropped('malformed')).toBeGreaterThan(PACKETS / 2);
    expect(spoor.rssBytes() - before).toBeLessThan(MAX_GROWTH_BYTES);

    await send(sound, spoor.addresses.jaegerCompact);
    const trace = await traceWith(spoor.addresses.queryHttp, spans[0]!.traceId, 3);
    expect(trace.spans.map(({ spanID }) => spanID).sort()).toEqual(spans.map(({ spanId }) => spanId).sort());
    expect(spoor.exited()).toBe(false);
  } finally {
    socket.close();
  }
});
