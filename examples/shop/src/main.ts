import { seededChance } from './chance.ts';
import { readSettings, type Settings, USAGE } from './settings.ts';
import { openShop, SERVICES } from './shop.ts';
import type { ExportListener } from './telemetry.ts';
import { sendVisitors } from './traffic.ts';

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

/** An empty request is a valid one: it tells whether somebody listens without leaving anything behind. */
async function checkSpoor(endpoint: string): Promise<string | undefined> {
  const remedy = 'Start Spoor with `npm start` in another terminal, or name its OTLP/HTTP address with --endpoint.';
  try {
    const response = await fetch(`${endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(0),
      signal: AbortSignal.timeout(5_000),
    });
    await response.arrayBuffer();
    return response.ok ? undefined : `${endpoint}/v1/traces answers ${response.status}, not 200. ${remedy}`;
  } catch (error) {
    return `Nothing takes spans at ${endpoint} (${reason(error)}). ${remedy}`;
  }
}

/** Says once when spans are lost and once when they arrive again, whatever the number of services that notice. */
function watchExports(endpoint: string): { readonly listener: ExportListener; readonly lostAny: () => boolean } {
  let losing = false;
  let lostAny = false;
  return {
    lostAny: () => lostAny,
    listener(error) {
      if (error && !losing)
        console.error(`Spoor at ${endpoint} does not take the spans (${reason(error)}); they are lost meanwhile.`);
      if (!error && losing) console.error(`Spoor at ${endpoint} takes the spans again.`);
      losing = error !== undefined;
      lostAny ||= losing;
    },
  };
}

async function run(settings: Settings): Promise<number> {
  const trouble = await checkSpoor(settings.endpoint);
  if (trouble) {
    console.error(trouble);
    return 1;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

  const chance = seededChance(Date.now());
  const exports = watchExports(settings.endpoint);
  const shop = await openShop(settings.endpoint, chance, exports.listener);
  const count = await sendVisitors(
    {
      ...settings,
      shopUrl: shop.url,
      chance,
      onFirstVisits: async () => {
        await shop.flush();
        console.log(
          `The shop (${SERVICES.join(', ')}) is open and sends its traces: look at ${settings.ui} (Ctrl-C ends)`,
        );
      },
    },
    stop.signal,
  );
  await shop.stop();
  console.log(
    `The shop is closed after ${count} visits; ${exports.lostAny() ? 'some spans were lost' : 'every span was sent'}.`,
  );
  return 0;
}

try {
  const settings = readSettings(process.argv.slice(2));
  if (settings === 'help') console.log(USAGE);
  else process.exitCode = await run(settings);
} catch (error) {
  console.error(`${reason(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
