import { SpoorError } from '@spoor/model';
import { decodeOperations, type MetricsReader, SliceSum } from '@spoor/storage';
import { nameKey } from '../name-key.ts';
import type { Queries } from '../queries.ts';
import { tooCostly } from '../read-budget.ts';
import { tenantKeys } from '../tenant-keys.ts';
import { hourOf, SLICES_TABLE } from './slices-table.ts';

/** Hours of services that are read at once: a page of rows of each is in memory. */
const PARTITIONS_AT_ONCE = 8;
/** Hours of services that one question may ask for: a month of a dozen of them. */
const MAX_PARTITIONS = 10_000;

/**
 * Adds up the rows of `spoor_metrics`. Throws `SPOOR_NOT_IMPLEMENTED` where the keyspace has no such table, and
 * `SPOOR_INVALID_REQUEST` for too many services and hours.
 */
export function createMetricsReader(queries: Queries, hasTable: () => Promise<boolean>): MetricsReader {
  const select = `SELECT minute, operations FROM ${queries.table(SLICES_TABLE)} WHERE service_name = ? AND hour = ? AND minute >= ? AND minute <= ?`;
  return {
    async readMetrics(query, { tenant, signal }) {
      if (!(await hasTable())) throw noTable();
      const sum = new SliceSum(query);
      const { firstMinute, lastMinute } = query;
      if (firstMinute > lastMinute) return sum.minutes();
      const services = [...new Set(query.services)];
      const hours = hourOf(lastMinute) - hourOf(firstMinute) + 1;
      if (hours * services.length > MAX_PARTITIONS)
        throw tooCostly(`${hours} hours of ${services.length} services`, 'ask for fewer services or a shorter time');
      const read = async (service: string, hour: number) => {
        const params = [tenantKeys(tenant).serviceKey(nameKey(service)), hour, firstMinute, lastMinute];
        for await (const rows of queries.pages(select, params, signal))
          for (const row of rows)
            sum.add({
              service,
              minute: row['minute'] as number,
              operations: decodeOperations(row['operations'] as string),
            });
      };
      const partitions = services.flatMap((service) =>
        Array.from({ length: hours }, (_, i) => ({ service, hour: hourOf(firstMinute) + i })),
      );
      for (let from = 0; from < partitions.length; from += PARTITIONS_AT_ONCE) {
        const some = partitions.slice(from, from + PARTITIONS_AT_ONCE);
        await Promise.all(some.map(({ service, hour }) => read(service, hour)));
      }
      return sum.minutes();
    },
  };
}

function noTable(): SpoorError {
  return new SpoorError(
    'SPOOR_NOT_IMPLEMENTED',
    `the keyspace has no table ${SLICES_TABLE} to keep metrics in: run \`spoor schema apply\`, then start the ingesters again`,
  );
}
