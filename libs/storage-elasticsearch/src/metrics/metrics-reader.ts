import { decodeOperations, type MetricsReader, SliceSum } from '@spoor/storage';
import type { IndexNames } from '../index-names.ts';
import { indexedName } from '../layouts/spoor/term.ts';
import { textOf } from '../reader/ask-search.ts';
import { scanDocuments } from '../reader/span-scan.ts';
import { refuse } from '../reader/trace-spans.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { MINUTE_MS } from './slice-document.ts';

/** Adds up the documents of the minutes that are asked for. */
export function createMetricsReader(server: SearchServer, names: IndexNames): MetricsReader {
  return {
    async readMetrics(query, { tenant, signal }) {
      const { services, firstMinute, lastMinute } = query;
      const sum = new SliceSum(query);
      if (firstMinute > lastMinute) return sum.minutes();
      const serviceOf = new Map(services.map((service) => [indexedName(service), service]));
      const scan = scanDocuments({
        server,
        indices: names.forReading({ startMs: firstMinute * MINUTE_MS, endMs: lastMinute * MINUTE_MS }),
        query: {
          bool: {
            filter: [
              { term: { tenant: indexedName(tenant) } },
              { terms: { service: [...serviceOf.keys()] } },
              { range: { minute: { gte: firstMinute, lte: lastMinute } } },
            ],
          },
        },
        startField: 'minute',
        fields: ['service', 'minute', 'operations'],
        signal,
        onIncomplete: refuse,
      });
      let minute = firstMinute;
      /** Of `minute`. One that is written anew while pages are read comes again behind the others of its minute. */
      const texts = new Map<string, { readonly service: string; readonly text: string }>();
      const addMinute = () => {
        for (const { service, text } of texts.values())
          sum.add({ service, minute, operations: decodeOperations(text) });
        texts.clear();
      };
      for await (const hits of scan) {
        for (const { index, id, source } of hits) {
          const minuteOfHit = Number(source['minute']);
          if (minuteOfHit !== minute) addMinute();
          minute = minuteOfHit;
          const service = serviceOf.get(textOf(source['service']))!;
          texts.set(`${index} ${id}`, { service, text: textOf(source['operations']) });
        }
      }
      addMinute();
      return sum.minutes();
    },
  };
}
