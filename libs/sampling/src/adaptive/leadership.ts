import type { LeaseStore } from '@spoor/storage';
import type { Logger } from 'pino';

export interface LeadershipOptions {
  readonly owner: string;
  /** Milliseconds. */
  readonly leaderLeaseRefreshInterval: number;
  /** Milliseconds; also how long the lease lasts. */
  readonly followerLeaseRefreshInterval: number;
}

/** The lease that the peer's collectors use too. */
const RESOURCE = 'sampling_store_leader';

const LEADS = 'this process calculates the probabilities of adaptive sampling';
const FOLLOWS = 'another process calculates the probabilities of adaptive sampling now';

/** One of several collectors holds the lease at a time. While the store is away nobody leads longer than the lease lasts. */
export class Leadership {
  private readonly leases: LeaseStore;
  private readonly options: LeadershipOptions;
  private readonly logger: Logger;
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<void> = Promise.resolve();
  private leadsUntilMs = 0;
  /** As the store said last. */
  private wasLeader = false;

  constructor(leases: LeaseStore, options: LeadershipOptions, logger: Logger) {
    this.leases = leases;
    this.options = options;
    this.logger = logger;
  }

  isLeader(): boolean {
    return performance.now() < this.leadsUntilMs;
  }

  /** Resolves once it has asked for the first time. */
  async start(): Promise<void> {
    await this.ask();
    this.next();
  }

  /** Gives the lease up, so that another need not wait for its end. */
  async stop(signal: AbortSignal): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.asking;
    if (!this.isLeader()) return;
    this.leadsUntilMs = 0;
    await this.leases.forfeit(RESOURCE, this.options.owner, signal);
  }

  private next(): void {
    if (this.stopping.signal.aborted) return;
    const { leaderLeaseRefreshInterval, followerLeaseRefreshInterval } = this.options;
    const delay = this.isLeader() ? leaderLeaseRefreshInterval : followerLeaseRefreshInterval;
    this.timer = setTimeout(() => {
      this.asking = this.ask().finally(() => this.next());
    }, delay).unref();
  }

  private async ask(): Promise<void> {
    const { owner, followerLeaseRefreshInterval } = this.options;
    const askedMs = performance.now();
    try {
      const { signal } = this.stopping;
      const isTaken = await this.leases.acquire(RESOURCE, owner, followerLeaseRefreshInterval, signal);
      if (isTaken !== this.wasLeader) this.logger.info({ owner }, isTaken ? LEADS : FOLLOWS);
      this.wasLeader = isTaken;
      this.leadsUntilMs = isTaken ? askedMs + followerLeaseRefreshInterval : 0;
    } catch (error) {
      if (!this.stopping.signal.aborted)
        this.logger.warn({ err: error }, 'the lease of adaptive sampling is not known');
    }
  }
}
