import { classify, SpoorError } from '@spoor/model';

/** What fastify throws for a request that it does not take carries a status of 4xx; everything else is as `classify` has it. */
export function asSpoorError(thrown: unknown): SpoorError {
  if (thrown instanceof SpoorError) return thrown;
  const status = thrown instanceof Error ? (thrown as Error & { statusCode?: number }).statusCode : undefined;
  if (!(thrown instanceof Error) || status === undefined || status >= 500) return classify(thrown);
  const options = { cause: thrown };
  if (status === 413) return new SpoorError('SPOOR_REQUEST_TOO_LARGE', thrown.message, options);
  if (status === 415) return new SpoorError('SPOOR_UNSUPPORTED_MEDIA_TYPE', thrown.message, options);
  return new SpoorError('SPOOR_INVALID_REQUEST', thrown.message, options);
}
