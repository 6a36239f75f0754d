import { type Component, classify, type SpoorError } from '@spoor/model';
import type { Logger } from 'pino';
import { limitedLog } from '../log-limit.ts';
import type { AgentMetrics } from '../metrics.ts';
import type { ReceivedPacket, SpanPacket } from '../packets/decode.ts';

export interface ForwarderConfig {
  /** What waits and what is under way, together. */
  readonly maxBytes: number;
  readonly maxBatches: number;
  /** Sends at a time. */
  readonly concurrency: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

export interface ForwarderDependencies {
  /** Resolves when the next stage is responsible for the spans. Throws a `SpoorError`, whose kind says whether to try again. */
  readonly send: (packet: SpanPacket, signal: AbortSignal) => Promise<void>;
  readonly metrics: AgentMetrics;
  readonly logger: Logger;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Resolves after the time, or as soon as the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface BufferUse {
  readonly bytes: number;
  readonly batches: number;
  readonly highWaterBytes: number;
}

export interface Forwarder extends Component {
  /** False when there is no room, and from `stop` on: then nothing was taken. */
  offer(packet: ReceivedPacket): boolean;
  use(): BufferUse;
  /** Why the next stage takes nothing at the moment; `undefined` when it does. */
  trouble(): string | undefined;
}

/**
 * A bounded buffer in front of the next stage. Trouble is tried again with growing, jittered waits for as long as it lasts;
 * meanwhile the buffer fills, and what comes then finds no room. What is refused for good is dropped and counted.
 */
export function createForwarder(config: ForwarderConfig, dependencies: ForwarderDependencies): Forwarder {
  const { send, metrics, logger, random, wait } = dependencies;
  const stopping = new AbortController();
  const queue: ReceivedPacket[] = [];
  const workers = new Set<Promise<void>>();
  const troubles = new Map<SpanPacket, string>();
  let isDraining = false;
  let bytes = 0;
  let batches = 0;
  let highWaterBytes = 0;

  const tellRefusal = limitedLog((packet: SpanPacket, error: SpoorError) =>
    logger.warn({ code: error.code, spans: packet.spanCount }, `spans were refused: ${error.message}`),
  );

  function release(packet: SpanPacket): void {
    bytes -= packet.batch.length;
    batches -= 1;
  }

  async function work(): Promise<void> {
    for (let packet = queue.shift(); packet !== undefined; packet = queue.shift()) {
      const fate = await deliver(packet);
      troubles.delete(packet);
      release(packet);
      if (fate === undefined) metrics.forwarded(packet);
      else metrics.lost(fate, packet);
    }
  }

  async function deliver(packet: SpanPacket): Promise<'refused' | 'stopping' | undefined> {
    let delay = config.initialDelayMs;
    while (!stopping.signal.aborted) {
      try {
        await send(packet, stopping.signal);
        return undefined;
      } catch (thrown) {
        const error = classify(thrown);
        if (stopping.signal.aborted) break;
        if (error.kind !== 'retryable') {
          tellRefusal(packet, error);
          return 'refused';
        }
        noteTrouble(packet, error);
      }
      metrics.retried();
      // Between half and the whole, so that several agents do not come back in step.
      const pause = delay * (0.5 + random() / 2);
      delay = Math.min(delay * 2, config.maxDelayMs);
      await wait(pause, stopping.signal);
    }
    return 'stopping';
  }

  function noteTrouble(packet: SpanPacket, error: SpoorError): void {
    if (troubles.size === 0) logger.warn({ code: error.code }, `spans cannot be handed on: ${error.message}`);
    troubles.set(packet, error.message);
  }

  return {
    name: 'forwarder',
    offer(packet) {
      const size = packet.batch.length;
      if (isDraining || batches >= config.maxBatches || bytes + size > config.maxBytes) return false;
      bytes += size;
      batches += 1;
      highWaterBytes = Math.max(highWaterBytes, bytes);
      queue.push(packet);
      metrics.queued(packet);
      if (workers.size < config.concurrency) {
        const worker = work();
        workers.add(worker);
        void worker.finally(() => workers.delete(worker));
      }
      return true;
    },
    use: () => ({ bytes, batches, highWaterBytes }),
    trouble: () => troubles.values().next().value,
    async start() {},
    async stop(signal) {
      isDraining = true;
      const giveUp = () => stopping.abort();
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      await Promise.all(workers);
      signal.removeEventListener('abort', giveUp);
    },
  };
}
