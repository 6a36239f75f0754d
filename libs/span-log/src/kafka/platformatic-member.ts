import { type BaseOptions, Consumer, findErrorBy, type RecordsBatch } from '@platformatic/kafka';
import { wait } from '../wait.ts';
import type { KafkaSpanLogConfig } from './config.ts';
import type { FetchedRecord, GroupMember, MemberEvents } from './driver.ts';
import { acceptingLeaderless } from './platformatic-leaders.ts';

const MAX_FETCH_WAIT_MS = 250;
const RETRY_MS = 500;
const EARLIEST = -2n;
/** Bit 5 of a batch's attributes marks the control records of transactions. */
const CONTROL_BATCH = 0x20;

/** One for the membership and the commits, one for fetching. */
interface Clients {
  readonly membership: Consumer;
  readonly fetcher: Consumer;
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

interface Position {
  offset: bigint;
}

/**
 * The library's streams have one back-pressure for all partitions and commit on their own terms, so only its parts are
 * used: one consumer for the membership and the commits, another one, which never joins, for fetching, because a fetch
 * that waits at a broker holds up what comes behind it on its connection. Retries are all here, where it is known
 * whether the partition is still ours.
 */
export class PlatformaticMember implements GroupMember {
  private readonly topic: string;
  private readonly config: KafkaSpanLogConfig;
  private readonly open: () => Clients;
  private clients: Clients;
  private readonly closing = new AbortController();
  private readonly paused = new Set<number>();
  /** Replaced with the clients. */
  private busyNodes = new Set<number>();
  /** Replaced as a whole with each assignment; a fetch that belongs to an older one is dropped. */
  private positions = new Map<number, Position>();
  private events: MemberEvents | undefined;
  private wake: () => void = () => {};
  /** Those that nobody led when we looked. */
  private leaderless = '';
  private lookingAgain = false;

  constructor(options: BaseOptions, config: KafkaSpanLogConfig, group: string, topic: string) {
    this.topic = topic;
    this.config = config;
    this.open = () => openClients(options, config, group, topic);
    this.clients = this.open();
  }

  start(events: MemberEvents): void {
    this.events = events;
    this.listen();
    void this.join();
    void this.fetchLoop();
    void this.watchPartitions();
  }

  /** A fetch that never ends, or a membership that is none, goes with its client. */
  restart(): void {
    if (this.closed) return;
    const old = this.clients;
    this.clients = this.open();
    this.busyNodes = new Set();
    this.revoke();
    this.listen();
    void closeClients(old);
    void this.join();
  }

  pause(partition: number): void {
    this.paused.add(partition);
  }

  resume(partition: number): void {
    this.paused.delete(partition);
    this.wake();
  }

  async commit(partition: number, offset: bigint): Promise<void> {
    await this.clients.membership.commit({ offsets: [{ topic: this.topic, partition, offset, leaderEpoch: -1 }] });
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.positions = new Map();
    this.wake();
    await closeClients(this.clients);
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  private trouble(doing: string, error: unknown): void {
    if (!this.closed) this.events?.trouble(doing, error);
  }

  private revoke(): void {
    this.positions = new Map();
    this.paused.clear();
    if (!this.closed) this.events?.revoked();
  }

  private listen(): void {
    const { clients } = this;
    const { membership, fetcher } = clients;
    const isCurrent = () => this.clients === clients;
    membership.on('consumer:group:rebalance', () => {
      if (isCurrent()) this.revoke();
    });
    membership.on('consumer:group:join', ({ assignments }) => {
      const mine = assignments?.find(({ topic }) => topic === this.topic)?.partitions ?? [];
      if (isCurrent()) void this.assign(mine);
    });
    // The heartbeat found that we must join again, and joining failed.
    membership.on('error', (error) => {
      if (!isCurrent()) return;
      this.revoke();
      this.trouble('joining the group', error);
      void this.join();
    });
    fetcher.on('error', (error) => {
      if (isCurrent()) this.trouble('fetching', error);
    });
  }

  private async join(): Promise<void> {
    const { clients } = this;
    while (!this.closed && this.clients === clients) {
      try {
        await clients.membership.joinGroup({});
        return;
      } catch (error) {
        this.trouble('joining the group', error);
        await wait(RETRY_MS, this.closing.signal);
      }
    }
  }

  /** The library's leader assigns the partitions that there were when it joined; it must join again for new ones. */
  private async watchPartitions(): Promise<void> {
    let known = 0;
    while (!this.closed) {
      try {
        const { membership } = this.clients;
        const { topics } = await membership.metadata({ topics: [this.topic], forceUpdate: true });
        const count = topics.get(this.topic)?.partitionsCount ?? 0;
        if (known > 0 && count !== known) await membership.joinGroup({});
        known = count;
      } catch (error) {
        this.trouble('asking for the number of partitions', error);
      }
      await wait(this.config.metadataRefreshMs, this.closing.signal);
    }
  }

  private async assign(partitions: readonly number[]): Promise<void> {
    this.revoke();
    const positions = this.positions;
    while (!this.closed && this.positions === positions) {
      try {
        const committed = await this.committed(partitions);
        // Taken away again while we asked.
        if (this.closed || this.positions !== positions) return;
        this.events?.assigned(partitions);
        for (const partition of partitions) {
          const offset = committed.get(partition);
          if (offset === undefined) void this.beginEarliest(partition, positions);
          else positions.set(partition, { offset });
        }
        this.wake();
        return;
      } catch (error) {
        this.trouble('reading the committed offsets', error);
        await wait(RETRY_MS, this.closing.signal);
      }
    }
  }

  private async committed(partitions: readonly number[]): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    const topics = [{ topic: this.topic, partitions: [...partitions] }];
    const committed = (await this.clients.membership.listCommittedOffsets({ topics })).get(this.topic) ?? [];
    return new Map(partitions.map((one) => [one, committed[one] ?? -1n] as const).filter(([, offset]) => offset >= 0n));
  }

  /** Each for itself, since a partition without a leader cannot tell. */
  private async beginEarliest(partition: number, positions: Map<number, Position>): Promise<void> {
    while (!this.closed && this.positions === positions) {
      try {
        const offset = await this.earliest(partition);
        if (this.positions === positions) positions.set(partition, { offset });
        this.wake();
        return;
      } catch (error) {
        this.trouble(`asking where partition ${partition} begins`, error);
        this.clients.fetcher.clearMetadata();
        await wait(RETRY_MS, this.closing.signal);
      }
    }
  }

  private async earliest(partition: number): Promise<bigint> {
    const offsets = await this.clients.fetcher.listOffsets({
      topics: [this.topic],
      partitions: { [this.topic]: [partition] },
      timestamp: EARLIEST,
    });
    const offset = offsets.get(this.topic)?.[partition];
    if (offset === undefined || offset < 0n)
      throw new Error(`the earliest offset of partition ${partition} is unknown`);
    return offset;
  }

  /** One fetch per broker at a time, for all partitions that it leads and that are wanted. */
  private async fetchLoop(): Promise<void> {
    while (!this.closed) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      const wanted = [...this.positions.keys()].filter((partition) => !this.paused.has(partition));
      if (wanted.length > 0) {
        try {
          await this.startFetches(wanted);
        } catch (error) {
          this.trouble('asking for the leaders', error);
          await wait(RETRY_MS, this.closing.signal);
          continue;
        }
      }
      await woken;
    }
  }

  private async startFetches(wanted: readonly number[]): Promise<void> {
    const { busyNodes } = this;
    const { fetcher } = this.clients;
    const { topics } = await fetcher.metadata({ topics: [this.topic] });
    const topic = topics.get(this.topic);
    if (topic === undefined) throw new Error(`the topic ${this.topic} does not exist`);
    const byNode = new Map<number, number[]>();
    const leaderless: number[] = [];
    for (const partition of wanted) {
      const leader = topic.partitions[partition]?.leader ?? -1;
      if (leader < 0) leaderless.push(partition);
      else if (!busyNodes.has(leader)) byNode.set(leader, [...(byNode.get(leader) ?? []), partition]);
    }
    this.lookAgainFor(leaderless, fetcher);
    for (const [node, partitions] of byNode) {
      busyNodes.add(node);
      void this.fetchOnce(fetcher, node, topic.id, partitions).finally(() => {
        busyNodes.delete(node);
        this.wake();
      });
    }
  }

  /** New, between two leaders, or of a broker that is gone: the others are fetched meanwhile. */
  private lookAgainFor(leaderless: readonly number[], fetcher: Consumer): void {
    const told = leaderless.join(', ');
    if (told !== this.leaderless && told !== '')
      this.trouble('fetching', new Error(`partitions without a leader: ${told}`));
    this.leaderless = told;
    if (told === '' || this.lookingAgain) return;
    this.lookingAgain = true;
    void wait(RETRY_MS, this.closing.signal).then(() => {
      this.lookingAgain = false;
      fetcher.clearMetadata();
      this.wake();
    });
  }

  private async fetchOnce(
    fetcher: Consumer,
    node: number,
    topicId: string,
    partitions: readonly number[],
  ): Promise<void> {
    const positions = this.positions;
    const requests = partitions.flatMap((partition) => {
      const position = positions.get(partition);
      if (position === undefined) return [];
      return {
        partition,
        fetchOffset: position.offset,
        partitionMaxBytes: this.config.maxDeliveryBytes,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      };
    });
    if (requests.length === 0) return;
    const asked = new Map(requests.map(({ partition, fetchOffset }) => [partition, fetchOffset]));
    try {
      const response = await fetcher.fetch({
        node,
        topics: [{ topicId, partitions: requests }],
        minBytes: 1,
        maxBytes: Math.max(this.config.maxDeliveryBytes, this.config.maxFetchedBytes / 4),
        maxWaitTime: MAX_FETCH_WAIT_MS,
      });
      if (this.positions === positions && !this.closed) this.take(response, asked);
    } catch (error) {
      if (this.closed || this.positions !== positions) return;
      if (this.leftTheLog(error)) return;
      this.trouble('fetching', error);
      fetcher.clearMetadata();
      await wait(RETRY_MS, this.closing.signal);
    }
  }

  private take(response: FetchResponse, asked: ReadonlyMap<number, bigint>): void {
    for (const { partitions } of response.responses) {
      for (const { partitionIndex: partition, records: batches, highWatermark } of partitions) {
        const position = this.positions.get(partition);
        // A fetch session may answer for a partition that this request did not name.
        if (position === undefined || position.offset !== asked.get(partition) || !batches) continue;
        const records: FetchedRecord[] = [];
        for (const batch of batches) {
          for (const record of recordsOf(batch, partition)) if (record.offset >= position.offset) records.push(record);
          position.offset = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
        }
        if (records.length > 0) this.events?.records(partition, records, highWatermark);
        if (batches.length > 0 && records.at(-1)?.offset !== position.offset - 1n)
          this.events?.skipped(partition, position.offset);
      }
    }
  }

  /** What we wanted was deleted by the topic's retention: go on with the earliest that there is. */
  private leftTheLog(error: unknown): boolean {
    const failure = error instanceof Error ? findErrorBy(error, 'apiId', 'OFFSET_OUT_OF_RANGE') : null;
    const response = (error as { response?: FetchResponse }).response;
    if (failure === null || response === undefined) return false;
    let moved = false;
    for (const { partitions } of response.responses) {
      for (const { partitionIndex: partition, errorCode, logStartOffset } of partitions) {
        const position = this.positions.get(partition);
        if (errorCode === 0 || position === undefined || logStartOffset <= position.offset) continue;
        this.trouble(`fetching offset ${position.offset} of partition ${partition}, which retention removed`, error);
        position.offset = logStartOffset;
        this.events?.skipped(partition, logStartOffset);
        moved = true;
      }
    }
    return moved;
  }
}

function openClients(options: BaseOptions, config: KafkaSpanLogConfig, groupId: string, topic: string): Clients {
  const common = { ...options, groupId, retries: 0, autocommit: false };
  const membership = acceptingLeaderless(
    new Consumer({
      ...common,
      sessionTimeout: config.sessionTimeoutMs,
      rebalanceTimeout: config.sessionTimeoutMs,
      heartbeatInterval: Math.ceil(config.sessionTimeoutMs / 10),
      requestTimeout: config.sessionTimeoutMs * 2,
    }),
  );
  const fetcher = acceptingLeaderless(new Consumer(common));
  membership.topics.track(topic);
  fetcher.topics.track(topic);
  return { membership, fetcher };
}

async function closeClients({ membership, fetcher }: Clients): Promise<void> {
  await Promise.allSettled([membership.close(true), fetcher.close(true)]);
}

function recordsOf(batch: RecordsBatch, partition: number): FetchedRecord[] {
  if ((batch.attributes & CONTROL_BATCH) !== 0) return [];
  return batch.records.map((record) => ({
    partition,
    offset: batch.firstOffset + BigInt(record.offsetDelta),
    timestampMs: Number(batch.firstTimestamp + record.timestampDelta),
    key: record.key,
    value: record.value,
    headers: new Map(record.headers.map(([name, value]) => [String(name), value ?? new Uint8Array()])),
  }));
}
