import type { Clock, RequestContext, SpanBatch, WriteOutcome } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { SpanCursor } from '@spoor/otlp';
import type { SpanWriter } from '@spoor/storage';
import type { IndexNames } from '../index-names.ts';
import type { Layout, SpanEncoder } from '../layouts/layout.ts';
import type { BulkQueue } from './bulk-queue.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ServiceCache } from './service-cache.ts';
import { gaveUp, Ticket } from './ticket.ts';

const utf8 = new TextEncoder();

export interface SpanWriterDependencies {
  readonly layout: Layout;
  readonly spanNames: IndexNames;
  /** `undefined` where no service entries are written, as for archives. */
  readonly serviceNames: IndexNames | undefined;
  readonly queue: BulkQueue;
  readonly budget: ByteBudget;
  readonly services: ServiceCache;
  readonly clock: Clock;
  readonly maxFutureMs: number;
  /** Spans that start in the same period go to one index, and so do their services. */
  readonly periodMs: number;
  /** `undefined` when indices may be made, else resolves when they may: see `IndexCare`. Throws `SPOOR_STORAGE_UNAVAILABLE`. */
  readonly ready: () => Promise<void> | undefined;
}

/** Where the documents of a span go. */
interface Target {
  readonly action: Uint8Array;
  readonly serviceIndex: string | undefined;
}

/**
 * Writes spans as documents with deterministic ids: what comes again is told from what is new by the server, so a call may be
 * repeated as often as it takes. Resolves when every span, and the entry of its service and operation, is stored or rejected.
 */
export function createSpanWriter(deps: SpanWriterDependencies): SpanWriter {
  const encoder = deps.layout.spanEncoder();
  return {
    async write(batches: readonly SpanBatch[], { signal }: Pick<RequestContext, 'signal'>): Promise<WriteOutcome> {
      if (signal.aborted) throw gaveUp();
      if (deps.queue.isClosing) throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the store is being closed');
      await deps.ready();
      deps.services.forgetOld();
      const ticket = new Ticket();
      const onAbort = () => ticket.abandon(gaveUp());
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const call = new WriteCall(deps, encoder, ticket);
        await deps.budget.turn(signal);
        for (const batch of batches) await call.add(batch, signal);
        ticket.complete();
        deps.queue.flush();
        deps.budget.passOn();
        return await ticket.outcome;
      } catch (error) {
        // What was encoded of it is sent or not, and nobody hears of it: the caller sends all of it again.
        ticket.abandon(error instanceof SpoorError ? error : gaveUp());
        ticket.complete();
        deps.budget.passOn();
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}

/** One call of `write`, as its spans become documents. */
class WriteCall {
  private readonly deps: SpanWriterDependencies;
  private readonly encoder: SpanEncoder;
  private readonly ticket: Ticket;
  private readonly targets = new Map<number, Target>();
  private readonly latestMs: number;
  private group = '';
  private groupIndex: string | undefined;
  private groupResource = -1;

  constructor(deps: SpanWriterDependencies, encoder: SpanEncoder, ticket: Ticket) {
    this.deps = deps;
    this.encoder = encoder;
    this.ticket = ticket;
    this.latestMs = deps.clock.nowMs() + deps.maxFutureMs;
  }

  /** Throws `SPOOR_MALFORMED_SPANS`, and what waiting for room throws. */
  async add({ bytes, tenant }: SpanBatch, signal: AbortSignal): Promise<void> {
    const { queue, budget } = this.deps;
    const cursor = new SpanCursor(bytes);
    this.groupResource = -1;
    while (cursor.next()) {
      while (budget.isFull) {
        queue.flush();
        await budget.turn(signal);
      }
      const startMs = millisOf(cursor.startTimeHigh, cursor.startTimeLow);
      if (startMs > this.latestMs || millisOf(cursor.endTimeHigh, cursor.endTimeLow) > this.latestMs) {
        this.ticket.discard('invalid_time', this.tooLate());
        continue;
      }
      const target = this.target(startMs);
      if (target.serviceIndex !== undefined) this.addService(cursor, tenant, target.serviceIndex);
      const body = queue.body();
      const before = body.length;
      try {
        this.encoder.append(cursor, tenant, target.action, body.buffer);
      } catch (error) {
        // Others share the body: no half line may stay in it.
        body.buffer.length = before;
        throw error;
      }
      budget.add(body.close(this.ticket));
    }
  }

  private target(startMs: number): Target {
    const { spanNames, serviceNames, periodMs } = this.deps;
    const period = Math.floor(startMs / periodMs);
    const known = this.targets.get(period);
    if (known !== undefined) return known;
    const target: Target = {
      action: utf8.encode(`{"create":{"_index":${JSON.stringify(spanNames.forWriting(startMs))},"_id":"`),
      serviceIndex: serviceNames?.forWriting(startMs),
    };
    this.targets.set(period, target);
    return target;
  }

  private addService(cursor: SpanCursor, tenant: string, index: string): void {
    const { layout, services, queue, budget } = this.deps;
    if (cursor.resourceNumber !== this.groupResource || index !== this.groupIndex) {
      this.groupResource = cursor.resourceNumber;
      this.groupIndex = index;
      this.group = serviceGroup(index, tenant, cursor.serviceName());
    }
    const operation = cursor.operationName();
    const kindNumber = layout.keepsKinds ? cursor.kindNumber : 0;
    if (services.has(this.group, operation, kindNumber)) return;
    const entry = JSON.stringify([this.group, operation, kindNumber]);
    if (this.ticket.services.has(entry)) return;
    this.ticket.services.add(entry);
    const { id, json } = layout.serviceDocument({ tenant, service: cursor.serviceName(), operation, kindNumber });
    const body = queue.body();
    const action = JSON.stringify({ create: { _index: index, _id: id } });
    body.buffer.raw(utf8.encode(`${action}\n${json}\n`));
    budget.add(body.close(this.ticket, entry));
  }

  private tooLate(): string {
    const latest = new Date(Math.min(this.latestMs, 8.64e15)).toISOString();
    return `the span begins or ends after ${latest}; check the sender's clock and its unit, nanoseconds`;
  }
}

function serviceGroup(index: string, tenant: string, service: string): string {
  return JSON.stringify([index, tenant, service]);
}

/** A service entry that `WriteCall` sent is stored. */
export function rememberService(services: ServiceCache, entry: string): void {
  const [group, operation, kindNumber] = JSON.parse(entry) as [string, string, number];
  services.add(group, operation, kindNumber);
}

function millisOf(high: number, low: number): number {
  return (high * 0x100000000 + low) / 1e6;
}
