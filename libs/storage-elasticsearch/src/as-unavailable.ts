import { classify, SpoorError } from '@spoor/model';

/** What may be tried again as it is, anything else as trouble of the storage that may be mended there. */
export function asUnavailable(thrown: unknown): SpoorError {
  const error = classify(thrown);
  return error.kind === 'retryable'
    ? error
    : new SpoorError('SPOOR_STORAGE_UNAVAILABLE', error.message, { cause: error });
}
