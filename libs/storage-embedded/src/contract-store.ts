import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpanWriter } from '@spoor/storage';
import { type OpenStore, reopening } from '@spoor/storage/contract';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { EmbeddedStorageConfig } from './config.ts';
import { DEFAULT_EMBEDDED_STORAGE_CONFIG } from './config.ts';
import type { EmbeddedStorage, EmbeddedStorageDeps } from './embedded-storage.ts';
import { createEmbeddedStorage } from './embedded-storage.ts';

export function createForTest(
  directory: string,
  config: Partial<EmbeddedStorageConfig> = {},
  deps: Partial<EmbeddedStorageDeps> = {},
): EmbeddedStorage {
  return createEmbeddedStorage(
    { ...DEFAULT_EMBEDDED_STORAGE_CONFIG, synchronous: 'normal', directory, ...config },
    { logger: pino({ level: 'silent' }), metrics: new Registry(), ...deps },
  );
}

/** A store in a directory of its own. `keeping`: everything due is sealed and merged before each read. */
export async function openForTest(
  config: Partial<EmbeddedStorageConfig> = {},
  { keeping = false, ...deps }: Partial<EmbeddedStorageDeps> & { keeping?: boolean } = {},
): Promise<OpenStore> {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-embedded-'));
  const begin = async () => {
    const store = createForTest(directory, config, deps);
    await store.start();
    const { reader, dependencies, metrics } = store;
    const write: SpanWriter['write'] = async (batches, context) => {
      const outcome = await store.writer.write(batches, context);
      if (keeping) await store.keep();
      return outcome;
    };
    return { writer: { write }, reader, dependencies, metrics, stop: (signal: AbortSignal) => store.stop(signal) };
  };
  return reopening(begin, () => rmSync(directory, { recursive: true }));
}
