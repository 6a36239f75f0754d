import { classify } from '@spoor/model';
import type { Logger } from 'pino';
import { toJson, toLegacyJson } from './json.ts';
import type { SamplingStrategies } from './strategy.ts';

/** An answer for any HTTP server to send. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/**
 * Answers `GET …?service=` with a strategy (CONTRACT §3.1). `search` is what stands behind the `?`. An empty name is a service
 * like any other.
 */
export async function answerSampling(
  search: string,
  strategies: Pick<SamplingStrategies, 'strategyFor'>,
  logger: Logger,
  { isLegacy = false } = {},
): Promise<HttpAnswer> {
  const services = new URLSearchParams(search).getAll('service');
  const [service] = services;
  if (service === undefined || services.length > 1) return onlyOnce();
  try {
    const strategy = await strategies.strategyFor(service);
    const body = isLegacy ? toLegacyJson(strategy) : toJson(strategy);
    return { status: 200, contentType: 'application/json', body };
  } catch (thrown) {
    const error = classify(thrown);
    logger.error({ err: error }, 'no sampling strategy could be told');
    const why = error.code === 'SPOOR_INTERNAL' ? 'internal error' : error.message;
    return { status: 500, contentType: PLAIN_TEXT, body: `collector error: ${why}\n` };
  }
}

/** Answers `GET /baggageRestrictions?service=` as every collector of the peer does: it has none to tell. */
export function answerBaggageRestrictions(search: string): HttpAnswer {
  if (new URLSearchParams(search).getAll('service').length !== 1) return onlyOnce();
  return { status: 500, contentType: PLAIN_TEXT, body: 'collector error: baggage not implemented\n' };
}

function onlyOnce(): HttpAnswer {
  return { status: 400, contentType: PLAIN_TEXT, body: "'service' parameter must be provided once\n" };
}
