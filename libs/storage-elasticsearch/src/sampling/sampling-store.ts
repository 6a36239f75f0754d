import { randomUUID } from 'node:crypto';
import { type Clock, SpoorError } from '@spoor/model';
import type { SamplingStore } from '@spoor/storage';
import { onceBefore, prepareKind } from '../indices/prepare-kind.ts';
import { createLayout, indexNamesOf } from '../layouts/layouts.ts';
import { answerOf, askSearch, failureOf } from '../reader/ask-search.ts';
import { scanDocuments } from '../reader/span-scan.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import {
  failuresIn,
  probabilitiesDocument,
  probabilitiesOf,
  throughputDocument,
  throughputOf,
} from './sampling-documents.ts';

/** Older probabilities are of another load. */
const LOOKBACK_MS = 72 * 3_600_000;
const DOCUMENTS_PER_REQUEST = 5_000;

export interface SamplingStoreDependencies {
  readonly server: SearchServer;
  readonly clock: Clock;
}

/**
 * What adaptive samplers share, as the documents of CONTRACT §3.4 in `[P-]jaeger-sampling-…` or `[P-]spoor-sampling-…`. What was
 * inserted can be read after the refresh interval of the index. An insertion that fails may have been stored in part.
 */
export function createSamplingStore(
  config: ElasticsearchConfig,
  { server, clock }: SamplingStoreDependencies,
): SamplingStore {
  const names = indexNamesOf(createLayout(config.layout, config), 'sampling', config, clock);
  const isRotated = config.rotation.type === 'alias';
  const prepare = onceBefore((signal) => prepareKind(server, config, 'sampling', signal));

  async function insert(documents: readonly object[], signal: AbortSignal): Promise<void> {
    await prepare(signal);
    const action = { create: { _index: names.forWriting(clock.nowMs()) } };
    for (let from = 0; from < documents.length; from += DOCUMENTS_PER_REQUEST) {
      // Ids of our own, so that a request which reaches two nodes stores nothing twice.
      const lines = documents
        .slice(from, from + DOCUMENTS_PER_REQUEST)
        .flatMap((document) => [{ create: { ...action.create, _id: randomUUID() } }, document]);
      const response = await server.request({
        method: 'POST',
        path: '/_bulk',
        query: {
          ...(isRotated ? { require_alias: true } : {}),
          ...(config.bulk.refresh === 'now' ? { refresh: true } : {}),
        },
        body: `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
        contentType: 'application/x-ndjson',
        signal,
      });
      if (response.status !== 200) throw failureOf(response);
      const [failure] = failuresIn(answerOf(response));
      if (failure !== undefined)
        throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `a sampling was not stored: ${JSON.stringify(failure)}`);
    }
  }

  const timestamp = () => new Date(clock.nowMs()).toISOString();
  return {
    insertThroughput(throughput, signal) {
      const now = timestamp();
      return insert(
        throughput.map((one) => throughputDocument(now, one)),
        signal,
      );
    },
    async getThroughput(afterMs, untilMs, signal) {
      const scan = scanDocuments({
        server,
        indices: names.forReading({ startMs: afterMs, endMs: untilMs }),
        query: bothOf(within({ gt: afterMs, lte: untilMs }), { exists: { field: 'throughputs.Service' } }),
        startField: 'timestamp',
        signal,
        onIncomplete: refuse,
      });
      const all = [];
      for await (const hits of scan) all.push(...hits.map(({ source }) => throughputOf(source)));
      return all;
    },
    insertProbabilities: (hostname, probabilities, signal) =>
      insert([probabilitiesDocument(timestamp(), hostname, probabilities)], signal),
    async getLatestProbabilities(signal) {
      const startMs = clock.nowMs() - LOOKBACK_MS;
      const indices = names.forReading({ startMs, endMs: clock.nowMs() });
      const body = {
        query: bothOf(within({ gte: startMs }), { exists: { field: 'probabilitiesandqps.Hostname' } }),
        sort: [{ timestamp: { order: 'desc', unmapped_type: 'date' } }],
        size: 1,
      };
      const { hits, incomplete } = await askSearch(server, { indices }, body, signal);
      if (incomplete !== undefined) refuse(incomplete);
      return hits.flatMap(({ source }) => probabilitiesOf(source));
    },
  };
}

function within(range: Readonly<Record<string, number>>) {
  return { range: { timestamp: { ...range, format: 'epoch_millis' } } };
}

function bothOf(first: object, second: object) {
  return { bool: { filter: [{ ...first }, { ...second }] } };
}

/** Probabilities computed from a part of the load would be too high. */
function refuse(reason: string): never {
  throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `not all samplings can be read: ${reason}`);
}
