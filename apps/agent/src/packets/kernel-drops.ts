import { readFileSync } from 'node:fs';

const TABLES = ['/proc/net/udp', '/proc/net/udp6'] as const;
/** Of a line of these tables: `local_address` is the second column, `drops` the last. */
const LOCAL_ADDRESS = 1;

/**
 * Packets that the system has thrown away because the buffer of a socket at one of these ports was full, since it was opened:
 * nobody else knows of them. 0 where the system does not tell.
 */
export function kernelDrops(ports: readonly number[], read: (path: string) => string = readTable): number {
  const wanted = new Set(ports.map((port) => port.toString(16).toUpperCase().padStart(4, '0')));
  let drops = 0;
  for (const table of TABLES)
    for (const line of read(table).split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      const port = columns[LOCAL_ADDRESS]?.split(':')[1];
      const told = Number(columns.at(-1));
      if (port !== undefined && wanted.has(port) && Number.isSafeInteger(told)) drops += told;
    }
  return drops;
}

/** Only Linux has them. */
function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
