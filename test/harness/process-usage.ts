import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Of one process, read from outside it. */
export interface ProcessUsage {
  readonly rssBytes: number;
  /** The greatest resident set so far. Where the system does not tell (not Linux), the present one. */
  readonly peakRssBytes: number;
  /** User and system time since the process started. */
  readonly cpuSeconds: number;
}

/** Linux counts process time in ticks of 1/100 s on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

function fromProc(pid: number): ProcessUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  // The second field is the command in parentheses and may hold spaces: count from behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { rssBytes: bytes('VmRSS'), peakRssBytes: bytes('VmHWM'), cpuSeconds: ticks / TICKS_PER_SECOND };
}

function fromPs(pid: number): ProcessUsage {
  const [rssKiB, time] = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  const rssBytes = Number(rssKiB) * 1024;
  const cpuSeconds = (time ?? '').split(/[:-]/).reduce((total, part) => total * 60 + Number(part), 0);
  return { rssBytes, peakRssBytes: rssBytes, cpuSeconds };
}

export function processUsage(pid: number): ProcessUsage {
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
}
