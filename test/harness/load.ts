import { setTimeout as sleep } from 'node:timers/promises';
import type { FatedRequest } from '../fixtures/fated-requests.ts';
import { grpcSender, httpSender } from '../fixtures/senders.ts';
import { waitFor } from './wait-for.ts';

/** What a sender needs to know of a collector. It must not change when the collector is restarted. */
interface Receivers {
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
}

export interface LoadOptions {
  readonly receivers: readonly Receivers[];
  readonly next: () => FatedRequest;
  /** Senders at once. Default 8. */
  readonly lanes?: number;
  /** How long a lane rests after each request. Default 100. */
  readonly pauseMs?: number;
}

/** Senders that send each request until it is acknowledged, to another collector each time. */
export interface Load {
  /** Requests that were acknowledged, each once. */
  readonly acknowledged: readonly FatedRequest[];
  /** Attempts that were not: no answer, or told to come back. */
  retries(): number;
  /** Resolves when so many more requests are acknowledged. */
  takes(more: number): Promise<void>;
  /** Begins no new requests. Resolves when all that were begun are acknowledged. */
  finish(): Promise<void>;
}

const RESEND_AFTER_MS = 100;

export function startLoad({ receivers, next, lanes = 8, pauseMs = 100 }: LoadOptions): Load {
  const senders = receivers.flatMap(({ otlpHttp, otlpGrpc }) => [httpSender(otlpHttp), grpcSender(otlpGrpc)]);
  const acknowledged: FatedRequest[] = [];
  let retries = 0;
  let finishing = false;

  async function lane(index: number): Promise<void> {
    for (let turn = index; !finishing; ) {
      const request = next();
      for (;;) {
        const { outcome, message } = await senders[turn++ % senders.length]!.send(request.bytes);
        if (outcome === 'refused') throw new Error(`a good request was refused: ${message}`);
        if (outcome === 'taken') break;
        retries += 1;
        await sleep(RESEND_AFTER_MS);
      }
      acknowledged.push(request);
      await sleep(pauseMs);
    }
  }

  const running = Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  let failure: Error | undefined;
  running.catch((error: Error) => {
    failure = error;
  });
  return {
    acknowledged,
    retries: () => retries,
    async takes(more) {
      const goal = acknowledged.length + more;
      await waitFor(() => failure !== undefined || acknowledged.length >= goal, {
        describe: `${more} acknowledgements`,
      });
      if (failure !== undefined) throw failure;
    },
    async finish() {
      finishing = true;
      await running;
      for (const sender of senders) sender.close();
    },
  };
}
