import { Worker } from 'node:worker_threads';
import { SpoorError } from '@spoor/model';
import type { WorkerData, WorkerReply } from './worker-protocol.ts';
import { unpackError } from './worker-protocol.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: SpoorError): void;
}

/** Asks a worker. Answers come in the order of the questions; when the worker dies, every open question fails. */
export class WorkerClient {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly opened: Promise<unknown>;
  private lastId = 0;
  private failure: SpoorError | undefined;

  constructor(data: WorkerData) {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data, name: `spoor-${data.role}` });
    this.opened = new Promise((resolve, reject) => this.waiting.set(0, { resolve, reject }));
    this.worker.on('message', (reply: WorkerReply) => {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if ('error' in reply) waiting?.reject(unpackError(reply.error));
      else waiting?.resolve(reply.result);
    });
    this.worker.on('error', (error) => this.fail(asSpoorError(error)));
    this.worker.on('exit', () => this.fail(new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the store is closed')));
  }

  /** Resolves once the worker has opened the data; rejects with why it could not. */
  async open(): Promise<void> {
    await this.opened;
  }

  ask<T>(operation: string, argument: unknown, transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.lastId += 1;
    const id = this.lastId;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.worker.postMessage({ id, operation, argument }, transfer);
    });
  }

  async close(): Promise<void> {
    if (this.failure === undefined) await this.ask('close', undefined).catch(() => undefined);
    await this.worker.terminate();
  }

  private fail(error: SpoorError): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
  }
}

/** Errors thrown while a worker starts arrive as plain objects: their fields survive, their class does not. */
function asSpoorError(error: unknown): SpoorError {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'SPOOR_STORAGE_CORRUPT' || code === 'SPOOR_STORAGE_UNAVAILABLE')
    return new SpoorError(code, message ?? '');
  return new SpoorError('SPOOR_INTERNAL', message ?? String(error), { cause: error });
}
