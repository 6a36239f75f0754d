/** The measured process of the bench `ingester`, case `counting`: the ingester as it is, over a store that only counts. */
import { SPAN_CODECS } from '@spoor/encodings';
import { checkedWriter, createIngester, ingesterConfig } from '@spoor/ingester';
import { createMetricsRegistry } from '@spoor/metrics';
import { createKafkaSpanLog, kafkaOptionsOf, kafkaSettings } from '@spoor/span-log';
import { pino } from 'pino';

/** How often the count is told. */
const TELL_MS = 50;

const [brokers = '', topic = '', client = ''] = process.argv.slice(2);
const logger = pino({ level: 'warn' }, pino.destination(2));
const metrics = createMetricsRegistry();
const log = createKafkaSpanLog(kafkaOptionsOf(kafkaSettings.parse({ brokers: brokers.split(','), topic, client })), {
  logger,
  metrics,
  codecs: SPAN_CODECS,
});
let stored = 0;
const writer = checkedWriter({
  async write(batches) {
    const accepted = batches.reduce((sum, { spanCount }) => sum + spanCount, 0);
    stored += accepted;
    return { accepted, rejected: [] };
  },
});
const ingester = createIngester(ingesterConfig.parse(undefined), { log, writer, logger, metrics });
await log.start();
await ingester.start();
const told = setInterval(() => process.send?.(stored), TELL_MS);
process.once('message', async () => {
  clearInterval(told);
  const { signal } = new AbortController();
  await ingester.stop(signal);
  await log.stop(signal);
  process.disconnect();
});
