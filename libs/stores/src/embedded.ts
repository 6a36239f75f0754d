import { byteSize, duration, section } from '@spoor/service';
import type { Storage } from '@spoor/storage';
import { z } from 'zod';
import type { StorageDependencies } from './open-storage.ts';

/** The settings under `storage.embedded`. */
export const embeddedSettings = section({
  directory: z
    .string()
    .min(1)
    .default('data')
    .meta({ description: 'Where the spans lie; made when absent, and open in one process at a time' }),
  synchronous: z.enum(['full', 'normal']).default('full').meta({
    description: 'Whether an acknowledged span survives loss of power (full) or the end of the process only (normal)',
  }),
  maxQueueBytes: byteSize()
    .prefault('64MiB')
    .meta({ description: 'Bytes of spans that may wait to be written; beyond it the storage refuses' }),
  retention: section({
    maxAge: duration().prefault('7d').meta({ description: 'Spans that arrived longer ago are dropped; 0 keeps them' }),
    maxBytes: byteSize()
      .prefault('20GiB')
      .meta({ description: 'Above this size of the directory the oldest spans are dropped; 0 is no bound' }),
  }),
});
export type EmbeddedSettings = z.output<typeof embeddedSettings>;

export async function openEmbedded(settings: EmbeddedSettings, deps: StorageDependencies): Promise<Storage> {
  const { createEmbeddedStorage, DEFAULT_EMBEDDED_STORAGE_CONFIG } = await import('@spoor/storage-embedded');
  const { directory, synchronous, maxQueueBytes, retention } = settings;
  return createEmbeddedStorage(
    {
      ...DEFAULT_EMBEDDED_STORAGE_CONFIG,
      directory,
      synchronous,
      maxQueueBytes,
      retention: { maxAgeMs: retention.maxAge, maxBytes: retention.maxBytes },
    },
    deps,
  );
}
