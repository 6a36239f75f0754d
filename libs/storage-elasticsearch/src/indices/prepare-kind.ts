import { asUnavailable } from '../as-unavailable.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { createFirstIndex } from './aliases.ts';
import { putTemplate, type RotatedKind, rotatedNames } from './initialise.ts';

/**
 * Does with the first use what has to be done before the first document, which would make an index without the mapping. What
 * failed is done again with the next use; whatever it was may be mended at the servers, so it is thrown as retryable.
 */
export function onceBefore(prepare: (signal: AbortSignal) => Promise<void>): (signal: AbortSignal) => Promise<void> {
  let prepared: Promise<void> | undefined;
  return (signal) => {
    prepared ??= prepare(signal).catch((error: unknown) => {
      prepared = undefined;
      throw asUnavailable(error);
    });
    return prepared;
  };
}

/** Puts the template where the settings say so, and makes the first index where indices are behind aliases. Idempotent. */
export async function prepareKind(
  server: SearchServer,
  config: ElasticsearchConfig,
  kind: RotatedKind,
  signal: AbortSignal,
): Promise<void> {
  const { layout, rotation, createTemplates } = config;
  const isRotated = rotation.type === 'alias';
  const policy = isRotated ? rotation.policy : undefined;
  if (createTemplates) await putTemplate(server, kind, { config, layout, policy, signal });
  if (!isRotated) return;
  // A policy of the servers rolls over only an index that is marked.
  await createFirstIndex(server, rotatedNames(config, layout, kind), { markWriteIndex: policy !== undefined, signal });
}
