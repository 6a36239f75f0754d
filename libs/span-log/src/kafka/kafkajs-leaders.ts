import { createRequire } from 'node:module';

interface MetadataAnswer {
  readonly topicMetadata: readonly { readonly partitionMetadata: { partitionErrorCode: number }[] }[];
}

interface MetadataProtocol {
  request: unknown;
  response: { decode: unknown; parse(answer: MetadataAnswer): Promise<MetadataAnswer> };
}

interface MetadataRequests {
  protocol(of: { version: number }): (asked: unknown) => MetadataProtocol;
}

interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly unknown[];
}

interface Cluster {
  findLeaderForPartitions(topic: string, partitions: readonly unknown[]): Record<string, readonly number[]>;
  fetchTopicsOffset(asked: readonly TopicOffsets[]): Promise<readonly TopicOffsets[]>;
}

/** LEADER_NOT_AVAILABLE, REPLICA_NOT_AVAILABLE and LISTENER_NOT_FOUND: partitions that nobody leads just now. */
const LEADERLESS_CODES: ReadonlySet<number> = new Set([5, 9, 72]);
const NO_LEADER = '-1';

let isDone = false;

/**
 * The library takes what the brokers tell of a topic for a failure where one of its partitions has no leader, and then
 * nothing goes on with the others either. This makes such an answer an answer, for the whole process; nobody is asked
 * about such a partition. It reaches into the library, which offers no other way and is not developed any more.
 */
export function acceptLeaderless(): void {
  if (isDone) return;
  isDone = true;
  const require = createRequire(import.meta.url);
  const metadata = require('kafkajs/src/protocol/requests/metadata') as MetadataRequests;
  const { protocol } = metadata;
  metadata.protocol = (of) => {
    const create = protocol(of);
    return (asked) => {
      const { request, response } = create(asked);
      const parse = (answer: MetadataAnswer) => {
        for (const { partitionMetadata } of answer.topicMetadata)
          for (const partition of partitionMetadata)
            if (LEADERLESS_CODES.has(partition.partitionErrorCode)) partition.partitionErrorCode = 0;
        return response.parse(answer);
      };
      return { request, response: { ...response, parse } };
    };
  };
  const { prototype } = require('kafkajs/src/cluster') as { readonly prototype: Cluster };
  const { findLeaderForPartitions, fetchTopicsOffset } = prototype;
  prototype.findLeaderForPartitions = function (topic, partitions) {
    const { [NO_LEADER]: _leaderless, ...led } = findLeaderForPartitions.call(this, topic, partitions);
    return led;
  };
  prototype.fetchTopicsOffset = async function (asked) {
    const told = await fetchTopicsOffset.call(this, asked);
    return asked.map(({ topic }) => told.find((one) => one.topic === topic) ?? { topic, partitions: [] });
  };
}
