import {
  decodeOperations,
  encodeOperations,
  type MetricsSlice,
  type MetricsSliceKey,
  type MetricsSliceStore,
} from '@spoor/storage';
import type { Logger } from 'pino';
import type { Counter } from 'prom-client';
import { nameKey } from '../name-key.ts';
import { bytesOf, MAX_ROW_BYTES, Partitions } from '../partitions.ts';
import type { Queries } from '../queries.ts';
import type { Requests } from '../requests.ts';
import { tenantKeys } from '../tenant-keys.ts';
import { hourOf, SLICES_TABLE, sliceTimestamp } from './slices-table.ts';

export interface SliceStoreDependencies {
  readonly requests: Requests;
  readonly queries: Queries;
  /** Whether the table is there; throws `SPOOR_STORAGE_UNAVAILABLE` before that is known. */
  readonly hasTable: () => boolean;
  readonly logger: Logger;
  readonly leftOut: Counter;
}

/** Slices as rows of `spoor_metrics`. Without the table it has none and puts none. */
export function createSliceStore(deps: SliceStoreDependencies): MetricsSliceStore {
  const { requests, queries, hasTable, logger, leftOut } = deps;
  const select = `SELECT through, operations FROM ${queries.table(SLICES_TABLE)} WHERE service_name = ? AND hour = ? AND minute = ? AND source = ?`;

  async function getSlice(key: MetricsSliceKey, signal: AbortSignal): Promise<MetricsSlice[]> {
    const { tenant, source, service, minute } = key;
    const params = [tenantKeys(tenant).serviceKey(nameKey(service)), hourOf(minute), minute, source];
    const rows = await queries.rows(select, params, signal);
    return rows.map((row) => ({
      ...{ tenant, source, service, minute },
      through: row['through'] as bigint,
      operations: decodeOperations(row['operations'] as string),
    }));
  }

  return {
    async getSlices(keys, signal) {
      if (!hasTable()) return [];
      return (await Promise.all(keys.map((key) => getSlice(key, signal)))).flat();
    },
    async putSlices(slices, signal) {
      if (!hasTable()) return;
      const partitions = new Partitions();
      for (const { tenant, source, service, minute, through, operations } of slices) {
        const text = Buffer.from(encodeOperations(operations));
        if (text.length > MAX_ROW_BYTES) {
          leftOut.inc();
          logger.warn({ service, minute, bytes: text.length }, 'metrics are too large for Cassandra and left out');
          continue;
        }
        const serviceKey = Buffer.from(tenantKeys(tenant).serviceKey(nameKey(service)));
        const key = [serviceKey, int32(hourOf(minute))];
        partitions.add('metrics', `${hourOf(minute)} ${serviceKey}`, () => key, [
          int32(minute),
          Buffer.from(source),
          int64(through),
          text,
          int64(sliceTimestamp(minute, through)),
        ]);
      }
      await requests.write(
        partitions.requests(() => true),
        signal,
        (row) => {
          leftOut.inc();
          logger.warn({ bytes: bytesOf(row) }, 'metrics are too large for this Cassandra and left out');
        },
      );
    },
  };
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
