import { createHash } from 'node:crypto';
import type { SpanValues } from './span-values.ts';

/**
 * What tells spans that share their ids apart, and makes one that comes again fall on its own row (CONTRACT §6.1). Of exactly what
 * is stored, so that spans that differ only in what the schema has no place for are one.
 */
export function spanHash(values: SpanValues): Buffer {
  const hash = createHash('md5');
  for (const value of [
    values.spanId,
    values.parentId,
    values.flags,
    values.startTime,
    values.duration,
    values.operationName,
    values.tags,
    values.logs,
    values.references,
    values.process,
  ])
    hash.update(value);
  return hash.digest().subarray(0, 8);
}
