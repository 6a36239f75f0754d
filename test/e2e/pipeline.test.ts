import { describe, expect, test } from 'vitest';
import { createFatedRequests } from '../fixtures/fated-requests.ts';
import { accountFor } from '../harness/account.ts';
import { describePipeline } from '../harness/describe-pipeline.ts';
import { onElasticsearch, startKafka, waitFor } from '../harness/index.ts';
import { startLoad } from '../harness/load.ts';
import { SDK_TRANSPORTS } from '../harness/otel-sdk.ts';
import { jsonSpan, newTraceId, nowUnixNano, sendSpans, text } from '../harness/otlp-json.ts';
import { getMetrics, getTrace, searchTraces, traceWith } from '../harness/query-api.ts';
import { scenario } from '../harness/scenario.ts';
import { followOrder, recordOrder } from './order-journey.ts';

const REQUESTS = 150;
/** Five processes start again at once. */
const RESTART_DEADLINE_MS = 240_000;

await describePipeline(
  'two collectors, Kafka with 12 partitions, two ingesters and a query process',
  {
    startKafka,
    openStore: onElasticsearch,
    kafkaEnv: { SPOOR_KAFKA_SESSION_TIMEOUT: '6s' },
    // Collectors take what the store does not, so that there are dead letters.
    collectorEnv: { SPOOR_COLLECTOR_MAX_FUTURE: '10d' },
  },
  (world) => {
    const queryAddress = () => world().pipeline.query.addresses.queryHttp;

    /** A store on several machines shows a span a little after it has it. */
    const findTraces = (query: Readonly<Record<string, string>>, count: number) =>
      waitFor(
        async () => {
          const traces = await searchTraces(queryAddress(), query);
          return traces.length >= count && traces;
        },
        { describe: `${count} traces of ${JSON.stringify(query)}` },
      );

    describe.each(SDK_TRANSPORTS)('an application that sends over %s', (transport) => {
      scenario('is found, opened from the plot, expanded and searched in the browser', async ({ browser }) => {
        const { pipeline } = world();
        const service = `orders-${transport.replace('/', '-')}`;
        const collector = pipeline.collectors[SDK_TRANSPORTS.indexOf(transport) % 2]!;
        const traceId = await recordOrder(collector.addresses, transport, service);
        await findTraces({ service }, 1);
        await traceWith(queryAddress(), traceId, 2);
        await followOrder(browser, `http://${queryAddress()}`, service, traceId);
      });
    });

    test('received = stored + rejected + dead-lettered: the counters say it, and the store and the dead letters agree', async () => {
      const { pipeline, store } = world();
      const total = async () => ({
        received: await pipeline.collected('spoor_spans_received_total'),
        rejected: await pipeline.collected('spoor_spans_discarded_total'),
        produced: await pipeline.collected('spoor_span_log_produced_spans_total'),
        stored: await pipeline.ingested('spoor_spans_stored_total'),
        deadLettered: await pipeline.ingested('spoor_spans_dead_lettered_total'),
      });
      const before = await total();
      const load = startLoad({
        receivers: pipeline.collectors.map(({ addresses }) => addresses),
        next: createFatedRequests(7),
        pauseMs: 0,
      });
      await load.takes(REQUESTS);
      await load.finish();
      const account = async () =>
        accountFor(load.acknowledged, await store.storedSpans(), await pipeline.deadLetters());
      await expect.poll(async () => (await account()).missing, { timeout: 30_000 }).toEqual([]);
      await expect.poll(() => pipeline.ingested('spoor_ingester_lag_records')).toBe(0);

      const { received, stored, rejected, deadLettered, ...wrong } = await account();
      expect(wrong).toEqual({ missing: [], duplicated: [], unexpected: [] });
      expect(load.retries()).toBe(0);
      const after = await total();
      const grown = (name: keyof typeof before) => after[name] - before[name];
      expect({
        received: grown('received'),
        rejected: grown('rejected'),
        produced: grown('produced'),
        stored: grown('stored'),
        deadLettered: grown('deadLettered'),
      }).toEqual({ received, rejected, produced: received - rejected, stored, deadLettered });
      expect(received).toBe(stored + rejected + deadLettered);
      for (const count of [stored, rejected, deadLettered]) expect(count).toBeGreaterThan(0);
    });

    test('what each ingester counts of its partitions adds up to the rate that the query process tells', async () => {
      const begin = nowUnixNano() - 300_000_000_000n;
      for (const { addresses } of world().pipeline.collectors) {
        const calls = Array.from({ length: 60 }, (_, index) =>
          jsonSpan({
            kind: 2,
            startTimeUnixNano: String(begin),
            endTimeUnixNano: String(begin + 20_000_000n),
            status: { code: index < 6 ? 2 : 0 },
          }),
        );
        await sendSpans(addresses.otlpHttp, 'counted', calls);
      }
      const told = async (what: string) =>
        (await getMetrics(queryAddress(), `${what}?service=counted&lookback=0&ratePer=600000`)).series;
      await expect.poll(() => told('calls'), { timeout: 30_000 }).toEqual([['counted', 120 / 600]]);
      expect(await told('errors')).toEqual([['counted', 0.1]]);
    });

    scenario(
      'a trace that was acknowledged is there after kill -9 of every process',
      async ({ browser }) => {
        const { pipeline } = world();
        const [first, second] = pipeline.collectors;
        const traceId = newTraceId();
        const root = jsonSpan({ traceId, name: 'GET /before', attributes: [text('round', 'first')] });
        await sendSpans(first!.addresses.otlpHttp, 'survivor', [root]);
        await sendSpans(second!.addresses.otlpHttp, 'survivor', [
          jsonSpan({ traceId, name: 'child', parentSpanId: root.spanId }),
        ]);
        const processes = [...pipeline.collectors, ...pipeline.ingesters, pipeline.query];
        await Promise.all(processes.map((one) => one.kill9()));
        await Promise.all(processes.map((one) => one.restart()));

        await traceWith(queryAddress(), traceId, 2);
        const found = await getTrace(queryAddress(), traceId);
        expect(found?.spans.map(({ operationName }) => operationName).toSorted()).toEqual(['GET /before', 'child']);
        const [searched] = await findTraces({ service: 'survivor', tag: 'round:first' }, 1);
        expect(searched?.traceID).toBe(traceId);

        // And the restarted processes take more, which the next search has first.
        const later = jsonSpan({ name: 'GET /after' });
        await sendSpans(second!.addresses.otlpHttp, 'survivor', [later]);
        const traces = await findTraces({ service: 'survivor' }, 2);
        expect(traces.map(({ traceID }) => traceID)).toEqual([later.traceId, traceId]);

        const page = await browser.newPage();
        await page.goto(`http://${queryAddress()}/trace/${traceId}`);
        await page.getByRole('treegrid').getByText('GET /before').waitFor();
      },
      RESTART_DEADLINE_MS,
    );

    test('told to stop, each of them ends well', async () => {
      const { pipeline } = world();
      const processes = [...pipeline.collectors, ...pipeline.ingesters, pipeline.query];
      expect(await Promise.all(processes.map((one) => one.stop()))).toEqual([0, 0, 0, 0, 0]);
    });
  },
);
