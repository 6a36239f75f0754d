import type { Clock } from '@spoor/model';
import { type MetricsQuestion, MINUTE_MS } from '../../service-metrics/question.ts';
import { invalid, type Parameters } from '../parameters.ts';

const DEFAULT_LOOKBACK_MS = 60 * MINUTE_MS;
const DEFAULT_STEP_MS = 5_000;
const DEFAULT_RATE_PER_MS = 10 * MINUTE_MS;

/** As Prometheus has it, so that no client of it asks for more. */
const MAX_POINTS = 11_000;

/** Services that one request may name. */
const MAX_SERVICES = 100;

/** Times the number of services, this is what one question may make the store read: 31 days of one. */
const MAX_LOOKBACK_MINUTES = 31 * 24 * 60;

/** Times the number of services, this is what is held in memory: half a day of one, 10 minutes of 72. */
const MAX_WINDOW_MINUTES = 12 * 60;

/** The question of `GET /api/metrics/…` (CONTRACT §7.4). Throws `SPOOR_INVALID_REQUEST`, which names the parameter. */
export function legacyMetricsQuestion(parameters: Parameters, clock: Clock): MetricsQuestion {
  const services = [...new Set(parameters.texts('service'))];
  if (services.length === 0) throw invalid("unable to parse param 'service': please provide at least one service name");
  if (services.length > MAX_SERVICES)
    throw invalid(`parameter 'service' names ${services.length} services; it may name ${MAX_SERVICES}`);
  const byOperation = parameters.boolean('groupByOperation');
  const asked = parameters.spanKinds('spanKind');
  const nowMs = Math.floor(clock.nowMs());
  const endMs = parameters.wholeNumber('endTs') ?? nowMs;
  const lookbackMs = parameters.wholeNumber('lookback') ?? DEFAULT_LOOKBACK_MS;
  const stepMs = positive(parameters, 'step', DEFAULT_STEP_MS);
  const ratePerMs = positive(parameters, 'ratePer', DEFAULT_RATE_PER_MS);
  const ofServices = services.length === 1 ? 'ms' : `ms, with ${services.length} services`;
  atMost('lookback', lookbackMs, Math.floor(MAX_LOOKBACK_MINUTES / services.length) * MINUTE_MS, ofServices);
  atMost('ratePer', ratePerMs, Math.floor(MAX_WINDOW_MINUTES / services.length) * MINUTE_MS, ofServices);
  const points = Math.floor(lookbackMs / stepMs) + 1;
  if (points > MAX_POINTS)
    throw invalid(
      `parameter 'step' is ${stepMs}, which makes ${points} points of a lookback of ${lookbackMs} ms; ` +
        `the maximum is ${MAX_POINTS}, so give at least ${Math.floor(lookbackMs / MAX_POINTS) + 1}`,
    );
  const allPointsMs = Array.from({ length: points }, (_, index) => endMs - lookbackMs + index * stepMs);
  return {
    services,
    spanKinds: asked.length === 0 ? ['server'] : asked,
    byOperation,
    // Of times to come nothing is known.
    pointsMs: allPointsMs.filter((pointMs) => pointMs <= nowMs),
    windowMinutes: Math.ceil(ratePerMs / MINUTE_MS),
  };
}

/** Throws `SPOOR_INVALID_REQUEST`. */
export function requiredQuantile(parameters: Parameters): number {
  const quantile = parameters.decimal('quantile');
  if (quantile === undefined) throw invalid("unable to parse param 'quantile': give one, such as 0.95");
  return quantile;
}

function positive(parameters: Parameters, name: string, fallback: number): number {
  const value = parameters.wholeNumber(name) ?? fallback;
  if (value === 0) throw invalid(`unable to parse param '${name}': expected milliseconds, at least 1, got 0`);
  return value;
}

function atMost(name: string, value: number, max: number, unit: string): void {
  if (value > max) throw invalid(`parameter '${name}' is ${value} ${unit}; the maximum is ${max}`);
}
