import type { Bench } from './bench.ts';

/** Every bench by its name, loaded on demand: `npm run bench -- <name>`. */
export const BENCHES: Record<string, () => Promise<Bench>> = {
  scan: async () => (await import('./scan.ts')).benchScan,
};
