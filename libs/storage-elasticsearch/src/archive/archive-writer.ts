import { type Rejection, SpoorError, type WriteOutcome } from '@spoor/model';
import { SpanCursor } from '@spoor/otlp';
import type { SpanWriter } from '@spoor/storage';
import type { IndexNames } from '../index-names.ts';
import { ask } from '../indices/ask.ts';
import { onceBefore, prepareKind } from '../indices/prepare-kind.ts';
import { createLayout } from '../layouts/layouts.ts';
import { failureOf } from '../reader/ask-search.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { bulkItems, itemOutcome } from '../writer/item-outcome.ts';
import { JsonBuffer } from '../writer/json-buffer.ts';

const utf8 = new TextEncoder();

/**
 * Writes the few traces that people archive, one request after the other, and makes them visible at once. The same documents as
 * everywhere, with the same ids: what was archived before is not archived twice.
 */
export function createArchiveWriter(config: ElasticsearchConfig, names: IndexNames, server: SearchServer): SpanWriter {
  const layout = createLayout(config.layout, config);
  const encoder = layout.spanEncoder();
  const isRotated = config.rotation.type === 'alias';

  const prepare = onceBefore(async (signal) => {
    if (isRotated) return prepareKind(server, config, 'archive', signal);
    const { shards, replicas, refreshInterval } = config;
    const json = layout.template('span', { shards, replicas, refreshIntervalMs: refreshInterval });
    const path = `/${names.base}`;
    const made = await ask(server, { method: 'PUT', path, json, expected: [400], signal });
    if (made.status === 400 && !JSON.stringify(made.json).includes('already_exists'))
      throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `${names.base} cannot be made: ${JSON.stringify(made.json)}`);
  });

  /** Says of each item what became of it. */
  async function send(body: JsonBuffer, signal: AbortSignal) {
    const response = await server.request({
      method: 'POST',
      path: '/_bulk',
      query: { refresh: true, ...(isRotated ? { require_alias: true } : {}) },
      body: body.content(),
      contentType: 'application/x-ndjson',
      signal,
    });
    const items = response.status === 200 ? bulkItems(response.body) : undefined;
    if (items === undefined) throw failureOf(response);
    return items.map(itemOutcome);
  }

  return {
    async write(batches, { signal }): Promise<WriteOutcome> {
      await prepare(signal);
      const action = utf8.encode(`{"create":{"_index":"${names.forWriting(0)}","_id":"`);
      const body = new JsonBuffer(64 * 1024);
      const rejected: Rejection[] = [];
      let accepted = 0;
      const flush = async () => {
        if (body.length === 0) return;
        for (const outcome of await send(body, signal)) {
          if (outcome.kind === 'retry') throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', outcome.message);
          if (outcome.kind === 'stored') accepted += 1;
          else rejected.push({ reason: outcome.reason, message: outcome.message, spanCount: 1 });
        }
        body.clear();
      };
      for (const { bytes, tenant } of batches) {
        const cursor = new SpanCursor(bytes);
        while (cursor.next()) {
          encoder.append(cursor, tenant, action, body);
          if (body.length >= config.bulk.maxBytes) await flush();
        }
      }
      await flush();
      return { accepted, rejected };
    },
  };
}
