import { createHash } from 'node:crypto';
import { SpoorError } from '@spoor/model';
import { decodeOperations, encodeOperations, type MetricsSlice, type MetricsSliceKey } from '@spoor/storage';
import type { ExactObject } from '../layouts/layout.ts';
import { indexedName } from '../layouts/spoor/term.ts';
import { textOf } from '../reader/ask-search.ts';

const ID_BYTES = 16;
export const MINUTE_MS = 60_000;

/** Base64url of the first 16 bytes of the SHA-256 of the key. */
export function sliceId({ tenant, source, service, minute }: MetricsSliceKey): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([tenant, source, service, minute]))
    .digest();
  return digest.subarray(0, ID_BYTES).toString('base64url');
}

/**
 * The two lines of a bulk request. The version is the offset that the slice is counted up to, and one, because servers take none
 * below 1: they keep the document of the greater one, whichever comes last.
 */
export function sliceLines(index: string, slice: MetricsSlice): string {
  const { tenant, source, service, minute, through, operations } = slice;
  const action = `{"index":{"_index":${JSON.stringify(index)},"_id":"${sliceId(slice)}","version":${through + 1n},"version_type":"external_gte"}}`;
  const document = {
    tenant: indexedName(tenant),
    service: indexedName(service),
    minute,
    source,
    // Offsets need more than the 53 bits of a number.
    through: String(through),
    operations: encodeOperations(operations),
  };
  return `${action}\n${JSON.stringify(document)}\n`;
}

/** The slice of the document that has its key's id. Throws `SPOOR_STORAGE_UNAVAILABLE` for what `sliceLines` did not write. */
export function sliceOf(key: MetricsSliceKey, document: ExactObject): MetricsSlice {
  const through = textOf(document['through']);
  if (!/^\d+$/.test(through))
    throw new SpoorError(
      'SPOOR_STORAGE_UNAVAILABLE',
      'a stored slice of metrics does not tell how far it is counted; was its index written by something else?',
    );
  const { tenant, source, service, minute } = key;
  return {
    ...{ tenant, source, service, minute },
    through: BigInt(through),
    operations: decodeOperations(textOf(document['operations'])),
  };
}
