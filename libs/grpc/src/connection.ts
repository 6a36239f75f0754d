import type { ServerHttp2Session } from 'node:http2';

/** When a connection is probed, and when it ends. Milliseconds; 0 is never. */
export interface ConnectionTimes {
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly maxConnectionAgeMs: number;
  readonly maxConnectionAgeGraceMs: number;
}

export interface Connection {
  /** Tells the sender to open no more calls here, and closes when those under way are over. Idempotent. */
  drain(): void;
  /** Breaks off whatever is under way. */
  destroy(): void;
}

/** The largest stream id: every call that the sender has already begun is still answered. */
const LAST_STREAM_ID = 2 ** 31 - 1;
/** For how long a draining connection still takes the calls that crossed with its GOAWAY. */
const DRAIN_PING_MS = 1_000;
/** How long the other side may take until it has said that it speaks HTTP/2. */
const PREFACE_MS = 10_000;
/** Connections that began together do not end together. */
const AGE_JITTER = 0.1;

/** Probes a silent connection, ends one that does not answer, and ends one that has reached its age. */
export function superviseConnection(
  session: ServerHttp2Session,
  times: ConnectionTimes,
  random: () => number,
): Connection {
  const timers = new Set<NodeJS.Timeout>();
  let isDraining = false;

  function after(ms: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms).unref();
    timers.add(timer);
    return timer;
  }

  function cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    timers.delete(timer);
  }

  function destroy(): void {
    if (!session.destroyed) session.destroy();
  }

  /** Calls back when everything that the sender sent before it saw what we sent before has come. */
  function ping(timeoutMs: number, answered: () => void, silent: () => void): void {
    const timer = after(timeoutMs, silent);
    session.ping((error) => {
      cancel(timer);
      if (error === null) answered();
    });
  }

  function keepAlive(): void {
    after(times.keepaliveTimeMs, () => {
      if (session.closed) return;
      ping(times.keepaliveTimeoutMs, keepAlive, destroy);
    });
  }

  function drain(): void {
    if (isDraining || session.closed) return;
    isDraining = true;
    session.goaway(0, LAST_STREAM_ID);
    const close = () => session.close();
    ping(DRAIN_PING_MS, close, close);
  }

  session.on('close', () => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  });
  const withoutPreface = after(PREFACE_MS, destroy);
  session.once('remoteSettings', () => cancel(withoutPreface));
  if (times.keepaliveTimeMs > 0) keepAlive();
  if (times.maxConnectionAgeMs > 0)
    after(times.maxConnectionAgeMs * (1 - AGE_JITTER + 2 * AGE_JITTER * random()), () => {
      drain();
      if (times.maxConnectionAgeGraceMs > 0) after(times.maxConnectionAgeGraceMs, destroy);
    });
  return { drain, destroy };
}
