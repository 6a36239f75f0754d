import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { GOLDEN_PACKETS } from '../../apps/agent/src/test/golden-packets.ts';
import { startAgent } from '../harness/agent.ts';
import { startAllInOne } from '../harness/all-in-one.ts';
import { serviceOf, traceWith, type UiSpan } from '../harness/query-api.ts';

/** As the golden packet has it: client and server wrote into one span, which is of the debug sort. */
const TRACE_ID = '000102030405060708090a0b0c0d0e0f';

const tagsOf = (span: UiSpan) => Object.fromEntries(span.tags.map(({ key, type, value }) => [key, { type, value }]));

test.each(['the all-in-one', 'an agent'])('a packet of an old Zipkin client at UDP 5775 of %s', async (receiver) => {
  await using spoor = await startAllInOne();
  const agent = await startAgent({ collectors: [spoor.addresses.jaegerGrpc] });
  const socket = createSocket('udp4');
  try {
    const { zipkinCompact } = receiver === 'an agent' ? agent.addresses : spoor.addresses;
    socket.send(GOLDEN_PACKETS.zipkinCompact, Number(zipkinCompact.split(':')[1]), '127.0.0.1');
    const trace = await traceWith(spoor.addresses.queryHttp, TRACE_ID, 2);
    const ofKind = (kind: string) => trace.spans.find((span) => tagsOf(span)['span.kind']?.value === kind)!;
    const [client, server] = [ofKind('client'), ofKind('server')];
    expect(trace.spans).toHaveLength(2);
    expect([client.startTime, client.duration]).toEqual([1_767_225_600_000_000, 40]);
    expect([server.startTime, server.duration]).toEqual([1_767_225_600_000_010, 20]);
    expect([client.flags, server.flags]).toEqual([2, 2]);
    expect(serviceOf(trace, client)).toBe('shop');
    expect(tagsOf(client)).toMatchObject({
      error: { type: 'bool', value: true },
      'error.message': { type: 'string', value: 'it broke' },
      bool: { type: 'bool', value: true },
      bytes: { type: 'binary', value: '/wA=' },
      i16: { type: 'int64', value: -1 },
      i64: { type: 'int64', value: 6 },
      double: { type: 'float64', value: 0.5 },
      string: { type: 'string', value: '€' },
      'peer.service': { type: 'string', value: 'store' },
      // Numbers of addresses are written as addresses for who reads them.
      'peer.ipv4': { type: 'string', value: '255.255.255.255' },
      'peer.port': { type: 'int64', value: 0xffff },
    });
    expect(client.logs).toMatchObject([
      {
        timestamp: 1_767_225_600_000_020,
        fields: [
          { key: 'event', type: 'string', value: 'e' },
          { key: 'k', type: 'string', value: 'v' },
        ],
      },
      { timestamp: 1_767_225_600_000_025, fields: [{ key: 'event', type: 'string', value: 'plain' }] },
    ]);
    expect(trace.processes[client.processID]?.tags).toContainEqual({ key: 'ip', type: 'string', value: '10.0.0.1' });
  } finally {
    socket.close();
    await once(socket, 'close');
    await agent.stop();
  }
});
