import { type Metrics, parseMetrics } from './metrics.ts';
import { type LogLine, logTail, type SpoorProcess, spawnSpoor, waitUntilReady } from './spoor-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/** `host:port` of each listener. */
export interface Addresses {
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  readonly queryHttp: string;
  readonly queryGrpc: string;
  readonly admin: string;
}

export interface AllInOneOptions {
  /** Where the embedded store lives. Default: a temporary one, removed at the end. */
  readonly directory?: string;
  /** Flags, which win over the environment. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself, such as `--max-old-space-size`. */
  readonly nodeArgs?: readonly string[];
  readonly readyDeadlineMs?: number;
}

export interface RestartOptions {
  /** Listen where the process listened before, for senders that must find it again. Default: any free ports. */
  readonly samePorts?: boolean;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A running all-in-one. After `restart` its `pid` and `addresses` are those of the new process. */
export interface AllInOne extends AsyncDisposable {
  readonly pid: number;
  readonly addresses: Addresses;
  readonly directory: string;
  logs(): readonly LogLine[];
  exited(): boolean;
  /** SIGKILL; resolves when the process is gone. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves with the exit code when the process is gone. Idempotent. Kills it when it does not end in time. */
  stop(): Promise<number | null>;
  /** Starts it again on the same directory; stops it first when it runs. */
  restart(options?: RestartOptions): Promise<void>;
  /** Stops it and removes its temporary directory. The end of an `await using` block does so. */
  [Symbol.asyncDispose](): Promise<void>;
  rssBytes(): number;
  peakRssBytes(): number;
  cpuSeconds(): number;
  metrics(): Promise<Metrics>;
}

const LISTENERS = {
  otlpHttp: { listener: 'otlp-http', setting: 'SPOOR_COLLECTOR_OTLP_HTTP_ENDPOINT' },
  otlpGrpc: { listener: 'otlp-grpc', setting: 'SPOOR_COLLECTOR_OTLP_GRPC_ENDPOINT' },
  queryHttp: { listener: 'query-http', setting: 'SPOOR_QUERY_HTTP_ENDPOINT' },
  queryGrpc: { listener: 'query-grpc', setting: 'SPOOR_QUERY_GRPC_ENDPOINT' },
  admin: { listener: 'admin', setting: 'SPOOR_ADMIN_ENDPOINT' },
} as const satisfies Record<keyof Addresses, { listener: string; setting: string }>;

const names = Object.keys(LISTENERS) as (keyof Addresses)[];
const STOP_DEADLINE_MS = 30_000;

function endpointSettings(addresses: Addresses | undefined): Record<string, string> {
  return Object.fromEntries(names.map((name) => [LISTENERS[name].setting, addresses?.[name] ?? '127.0.0.1:0']));
}

async function stopProcess(child: SpoorProcess): Promise<number | null> {
  child.signal('SIGTERM');
  const kill = setTimeout(() => child.signal('SIGKILL'), STOP_DEADLINE_MS);
  try {
    return await child.ended;
  } finally {
    clearTimeout(kill);
  }
}

/**
 * Starts `apps/all-in-one` as users do, as a process of its own, every listener on a free port of the loopback address,
 * and resolves when it is ready. Use it with `await using`, or call `stop`: it is also killed when this process ends.
 */
export async function startAllInOne(options: AllInOneOptions = {}): Promise<AllInOne> {
  const temporary: TemporaryDirectory | undefined =
    options.directory === undefined ? temporaryDirectory('data') : undefined;
  const directory = options.directory ?? temporary?.path ?? '';

  const launch = async (extra: RestartOptions, addresses: Addresses | undefined): Promise<SpoorProcess> => {
    const child = spawnSpoor({
      main: 'apps/all-in-one/src/main.ts',
      args: [...(options.args ?? []), ...(extra.args ?? [])],
      env: {
        SPOOR_STORAGE_EMBEDDED_DIRECTORY: directory,
        SPOOR_LOG_FORMAT: 'json',
        ...endpointSettings(addresses),
        ...options.env,
        ...extra.env,
      },
      nodeArgs: options.nodeArgs ?? [],
    });
    const listeners = names.map((name) => LISTENERS[name].listener);
    await waitUntilReady(child, listeners, options.readyDeadlineMs ?? 60_000);
    return child;
  };

  let child: SpoorProcess;
  try {
    child = await launch({}, undefined);
  } catch (error) {
    temporary?.remove();
    throw error;
  }
  const addresses = (): Addresses =>
    Object.fromEntries(
      names.map((name) => [name, child.address(LISTENERS[name].listener) ?? '']),
    ) as unknown as Addresses;

  return {
    directory,
    get pid() {
      return child.pid;
    },
    get addresses() {
      return addresses();
    },
    logs: () => child.logs(),
    exited: () => child.exited(),
    async kill9() {
      child.signal('SIGKILL');
      await child.ended;
    },
    stop: () => stopProcess(child),
    async restart(extra = {}) {
      await stopProcess(child);
      child = await launch(extra, extra.samePorts ? addresses() : undefined);
    },
    async [Symbol.asyncDispose]() {
      await stopProcess(child);
      temporary?.remove();
    },
    rssBytes: () => child.rssBytes(),
    peakRssBytes: () => child.peakRssBytes(),
    cpuSeconds: () => child.cpuSeconds(),
    async metrics() {
      const response = await fetch(`http://${addresses().admin}/metrics`);
      if (!response.ok) throw new Error(`/metrics answered ${response.status}; the process logged:\n${logTail(child)}`);
      return parseMetrics(await response.text());
    },
  };
}
