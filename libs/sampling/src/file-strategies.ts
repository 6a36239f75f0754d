import { readFile } from 'node:fs/promises';
import { classify, SpoorError } from '@spoor/model';
import type { Logger } from 'pino';
import { parseStrategies, type StrategySet, strategyOf } from './parse-strategies.ts';
import type { SamplingStrategies } from './strategy.ts';

export interface FileStrategiesOptions {
  /** A path, or an http(s) address; empty is none. */
  readonly path: string;
  /** Milliseconds; 0 is never. */
  readonly reloadInterval: number;
  readonly defaultSamplingProbability: number;
}

export interface FileStrategiesDependencies {
  readonly logger: Logger;
  /** What an http(s) address answers. Default: the network. */
  readonly fetch?: typeof fetch;
}

/** As the peer has it (CONTRACT §3.3). */
const FETCH_TIMEOUT_MS = 1_000;
/** When an address could not be read at the start, and nothing is reloaded: until it could. */
const RETRY_MS = 5_000;
/** A file of strategies for thousands of services is far below this. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Answered by an address that has no strategies, which is not an error. */
const NO_STRATEGIES_STATUS = 503;

/**
 * Strategies from a file or an address (CONTRACT §3.3), read anew when it has other bytes. What cannot be read leaves what was
 * there. A file that is wrong at the start is an error, an address that is away then is tried again.
 */
export function openFileStrategies(
  options: FileStrategiesOptions,
  { logger, fetch: ask = fetch }: FileStrategiesDependencies,
): SamplingStrategies {
  const { path, reloadInterval, defaultSamplingProbability } = options;
  const isUrl = /^https?:\/\//.test(path);
  const parse = (json: string): StrategySet =>
    parseStrategies(json, { defaultSamplingProbability, warn: (message) => logger.warn({ path }, message) });
  let current: StrategySet = parse('null');
  let bytes: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let loading: Promise<void> = Promise.resolve();
  const stopping = new AbortController();

  async function load(): Promise<void> {
    const read = isUrl ? await download(path, ask, stopping.signal) : await readLocal(path);
    if (read === undefined || read === bytes) return;
    current = parse(read);
    bytes = read;
    logger.info({ path, services: current.services.size }, 'sampling strategies were read');
  }

  async function reload(): Promise<void> {
    try {
      await load();
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.warn({ path, err: error }, 'the sampling strategies could not be read; those that were there stay');
    }
  }

  function next(): void {
    const delay = reloadInterval > 0 ? reloadInterval : isUrl && bytes === undefined ? RETRY_MS : 0;
    if (delay === 0 || stopping.signal.aborted) return;
    timer = setTimeout(() => {
      loading = reload().finally(next);
    }, delay).unref();
  }

  return {
    name: 'sampling strategies',
    async start() {
      if (path === '') return;
      if (isUrl) await reload();
      else await load();
      next();
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await loading;
    },
    strategyFor: async (service) => strategyOf(current, service),
  };
}

async function readLocal(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SpoorError(
      'SPOOR_INVALID_CONFIGURATION',
      `the sampling strategies at ${path} cannot be read: ${classify(cause).message}; set --sampling.file.path to a file that is there`,
      { cause },
    );
  }
}

/** `undefined` when there are none. */
async function download(url: string, ask: typeof fetch, stopping: AbortSignal): Promise<string | undefined> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
  const response = await ask(url, { signal });
  if (response.status === NO_STRATEGIES_STATUS) {
    await response.body?.cancel();
    return undefined;
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_FILE_BYTES) throw new Error(`${url} answered with more than ${MAX_FILE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString();
}
