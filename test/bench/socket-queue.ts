import { readFileSync } from 'node:fs';

/** Of a line of the table: `local_address`, and `tx_queue:rx_queue`, all in hexadecimal. */
const LOCAL_ADDRESS = 1;
const QUEUES = 4;

/** Bytes that wait to be read at a UDP port of this machine. 0 where the system does not tell. */
export function queuedBytes(port: number): number {
  let table: string;
  try {
    table = readFileSync('/proc/net/udp', 'latin1');
  } catch {
    return 0;
  }
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[LOCAL_ADDRESS]?.endsWith(`:${wanted}`))
      return Number.parseInt(columns[QUEUES]?.split(':')[1] ?? '0', 16);
  }
  return 0;
}
