import { type Metrics, parseMetrics } from './metrics.ts';
import { type LogLine, logTail, type SpoorProcess, spawnSpoor, waitUntilReady } from './spoor-process.ts';

export interface ProcessOptions {
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

/**
 * A running process with listeners. After `restart` its `pid` and `addresses` are those of the new process. The end of an
 * `await using` block stops it.
 */
export interface ListeningProcess<Name extends string> extends AsyncDisposable {
  readonly pid: number;
  /** `host:port` of each listener. */
  readonly addresses: Readonly<Record<Name, string>>;
  logs(): readonly LogLine[];
  exited(): boolean;
  /** SIGKILL; resolves when the process is gone. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves with the exit code when the process is gone. Idempotent. Kills it when it does not end in time. */
  stop(): Promise<number | null>;
  /** Starts it again; stops it first when it runs. */
  restart(options?: RestartOptions): Promise<void>;
  rssBytes(): number;
  peakRssBytes(): number;
  cpuSeconds(): number;
  metrics(): Promise<Metrics>;
}

/** What the process calls a listener in its log, and the environment variable that says where it listens. */
export type Listeners<Name extends string> = Readonly<
  Record<Name, { readonly listener: string; readonly setting: string }>
>;

const STOP_DEADLINE_MS = 30_000;

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
 * Starts a process as users do, every listener on a free port of the loopback address, and resolves when it is ready. One of
 * the listeners must be `admin`. It is also killed when this process ends.
 */
export async function startListening<Name extends string>(
  main: string,
  listeners: Listeners<Name | 'admin'>,
  options: ProcessOptions,
): Promise<ListeningProcess<Name | 'admin'>> {
  const names = Object.keys(listeners) as (Name | 'admin')[];

  const launch = async (extra: RestartOptions, before?: Readonly<Record<string, string>>): Promise<SpoorProcess> => {
    const endpoints = names.map((name) => [listeners[name].setting, before?.[name] ?? '127.0.0.1:0']);
    const launched = spawnSpoor({
      main,
      args: [...(options.args ?? []), ...(extra.args ?? [])],
      env: { SPOOR_LOG_FORMAT: 'json', ...Object.fromEntries(endpoints), ...options.env, ...extra.env },
      nodeArgs: options.nodeArgs ?? [],
    });
    const expected = names.map((name) => listeners[name].listener);
    await waitUntilReady(launched, expected, options.readyDeadlineMs ?? 60_000);
    return launched;
  };

  let child = await launch({});
  const addresses = () =>
    Object.fromEntries(names.map((name) => [name, child.address(listeners[name].listener) ?? ''])) as Record<
      Name | 'admin',
      string
    >;

  return {
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
      const before = addresses();
      await stopProcess(child);
      child = await launch(extra, extra.samePorts ? before : undefined);
    },
    rssBytes: () => child.rssBytes(),
    peakRssBytes: () => child.peakRssBytes(),
    cpuSeconds: () => child.cpuSeconds(),
    async metrics() {
      const response = await fetch(`http://${addresses().admin}/metrics`);
      if (!response.ok) throw new Error(`/metrics answered ${response.status}; the process logged:\n${logTail(child)}`);
      return parseMetrics(await response.text());
    },
    async [Symbol.asyncDispose]() {
      await stopProcess(child);
    },
  };
}
