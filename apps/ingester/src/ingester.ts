import type { RecordWriter } from '@spoor/derive';
import { reportValue } from '@spoor/metrics';
import type { Component } from '@spoor/model';
import type { SpanLog } from '@spoor/span-log';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { IngesterConfig } from './config.ts';
import { createStoreHandler, type Wait } from './store-handler.ts';
import { waitFor } from './wait.ts';

export interface IngesterDependencies {
  readonly log: SpanLog;
  readonly writer: RecordWriter;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** From 0 to below 1. */
  readonly random?: () => number;
  readonly wait?: Wait;
}

export interface Ingester extends Component {
  /** Not ready while the storage does not take spans, or the log does not move. */
  readiness(): { readonly ready: boolean; readonly reason?: string };
}

/** Moves spans from the log to the storage. A record is done with once the storage has its spans or they are dead letters. */
export function createIngester(config: IngesterConfig, deps: IngesterDependencies): Ingester {
  const { handler, trouble } = createStoreHandler(config.retry, {
    writer: deps.writer,
    logger: deps.logger,
    metrics: deps.metrics,
    random: deps.random ?? Math.random,
    wait: deps.wait ?? waitFor,
  });
  const consumer = deps.log.consumer(config.group, handler, { storageTrouble: trouble });
  reportValue(deps.metrics, 'spoor_ingester_lag_records', () => consumer.lag().records);
  reportValue(deps.metrics, 'spoor_ingester_lag_bytes', () => consumer.lag().bytes);
  reportValue(deps.metrics, 'spoor_ingester_lag_spans', () => consumer.lag().spans);
  reportValue(deps.metrics, 'spoor_ingester_lag_seconds', () => consumer.lag().seconds);
  return {
    name: 'ingester',
    start: () => consumer.start(),
    stop: (signal) => consumer.stop(signal),
    readiness() {
      const reason = trouble();
      return reason === undefined ? consumer.readiness() : { ready: false, reason };
    },
  };
}
