import { kafkaEnvironment } from './collector.ts';
import { type ListeningProcess, type ProcessOptions, startListening } from './listening-process.ts';

const LISTENERS = { admin: { listener: 'admin', setting: 'SPOOR_ADMIN_ENDPOINT' } } as const;

export interface IngesterOptions extends ProcessOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** What points the process at its store, as settings in the environment. */
  readonly storage: Readonly<Record<string, string>>;
}

/** A running ingester. */
export type Ingester = ListeningProcess<keyof typeof LISTENERS>;

/** Starts `apps/ingester`; the topic and the one for dead letters must exist. Use it with `await using`, or call `stop`. */
export function startIngester(options: IngesterOptions): Promise<Ingester> {
  const env = { ...kafkaEnvironment(options), ...options.storage, ...options.env };
  return startListening('apps/ingester/src/main.ts', LISTENERS, { ...options, env });
}
