import { expect, test } from 'vitest';
import { kernelDrops } from './kernel-drops.ts';

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  120: 0100007F:1AAF 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 17
  121: 0100007F:1AB0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 5
  400: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 9 2 0000000000000000 3
`;

test('what the system dropped at the ports is summed', () => {
  const read = (path: string) => (path === '/proc/net/udp' ? TABLE : '');
  expect(kernelDrops([6831, 6832], read)).toBe(22);
  expect(kernelDrops([5775], read)).toBe(0);
});

test('a system that does not tell has dropped nothing', () => {
  expect(kernelDrops([6831], () => '')).toBe(0);
  expect(kernelDrops([1])).toBeGreaterThanOrEqual(0);
});
