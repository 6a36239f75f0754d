import {
  type Broker,
  type ClusterMetadata,
  type Connection,
  findErrorBy,
  kGetApi,
  kGetConnection,
  kPerformWithRetry,
  NetworkError,
} from '@platformatic/kafka';

type Callback<T> = (error: Error | null, payload?: T) => void;
type Api = ((connection: Connection, ...args: unknown[]) => void) & { readonly version: number };

/** What the library lets those change who extend it, as far as it is changed here. */
interface Extensible {
  readonly currentMetadata: ClusterMetadata | undefined;
  clearMetadata(): void;
  [kGetApi](name: string, callback: Callback<Api>): void;
  [kGetConnection](broker: Broker | undefined, callback: Callback<Connection>): void;
  [kPerformWithRetry](
    name: string,
    operation: (callback: Callback<unknown>, attempt: number) => void,
    callback: Callback<unknown>,
    attempt?: number,
    errors?: Error[],
    shouldSkipRetry?: (error: Error) => boolean,
    retryLimit?: number,
  ): unknown;
}

interface Message {
  readonly topic: string;
  readonly partition: number;
}

interface ProduceAnswer {
  readonly responses: readonly unknown[];
}

/** LEADER_NOT_AVAILABLE, REPLICA_NOT_AVAILABLE and LISTENER_NOT_FOUND: partitions that nobody leads just now. */
const LEADERLESS_CODES: ReadonlySet<number> = new Set([5, 9, 72]);
/** An election takes less than the seconds that these take; after them nobody can tell how long it will be. */
const LEADERLESS_TRIES = 6;

/**
 * The library takes what the brokers tell of a topic for a failure where one of its partitions has no leader, and then
 * nothing goes on with the others either. Here the answer is an answer; the leader of such a partition is −1.
 */
export function acceptingLeaderless<C extends object>(client: C): C {
  const extensible = client as unknown as Extensible;
  wrapApi(extensible, 'Metadata', (api) => (connection, ...args) => {
    const callback = args.pop() as Callback<unknown>;
    api(connection, ...args, (error: Error | null, answer: unknown) => {
      const told = error === null ? undefined : answerIn(error);
      if (told === undefined) callback(error, answer);
      else callback(null, told);
    });
  });
  return client;
}

/**
 * The library sends again what one broker led to whoever leads the first partition of it, and tries on for as long as a
 * partition has no leader. Here each try goes to those who lead now, with the same sequence numbers, and a partition that stays
 * without a leader fails the send.
 */
export function followingLeaders<C extends object>(producer: C): C {
  const extensible = acceptingLeaderless(producer) as unknown as Extensible;
  wrapApi(extensible, 'Produce', (api) => (connection, ...args) => {
    const callback = args.pop() as Callback<ProduceAnswer>;
    const [acks, timeout, messages, options] = args as [unknown, unknown, readonly Message[], unknown];
    const done: Callback<ProduceAnswer> = (error, answer) => {
      if (error !== null && findErrorBy(error, 'hasStaleMetadata', true) !== null) extensible.clearMetadata();
      callback(error, answer);
    };
    const byLeader = leadersOf(messages, extensible.currentMetadata);
    if (byLeader.size === 1) api(connection, acks, timeout, messages, options, done);
    else
      void toAll(extensible, api, byLeader, (led) => [acks, timeout, led, options]).then(
        (answer) => done(null, answer),
        done,
      );
  });
  const perform = extensible[kPerformWithRetry].bind(producer) as Extensible[typeof kPerformWithRetry];
  extensible[kPerformWithRetry] = (
    name,
    operation,
    callback,
    attempt = 0,
    errors = [],
    shouldSkipRetry,
    retryLimit,
  ) => {
    if (name !== 'produce' || attempt > 0)
      return perform(name, operation, callback, attempt, errors, shouldSkipRetry, retryLimit);
    let leaderless = 0;
    const givesUp = (error: Error) => {
      leaderless = isLeaderless(error) ? leaderless + 1 : 0;
      return leaderless >= LEADERLESS_TRIES || (shouldSkipRetry?.(error) ?? false);
    };
    return perform(name, operation, callback, attempt, errors, givesUp, retryLimit);
  };
  return producer;
}

function wrapApi(client: Extensible, wrapped: string, wrap: (api: Api) => (...args: Parameters<Api>) => void): void {
  const getApi = client[kGetApi].bind(client) as Extensible[typeof kGetApi];
  client[kGetApi] = (name, callback) =>
    getApi(name, (error, api) => {
      if (api === undefined || name !== wrapped) callback(error, api);
      else callback(null, Object.assign(wrap(api), { version: api.version }));
    });
}

/** What the brokers told, where no more was wrong than that partitions have no leader. */
function answerIn(error: Error): unknown {
  const { errors, response } = error as { readonly errors?: unknown; readonly response?: unknown };
  if (response === undefined || !Array.isArray(errors)) return undefined;
  const isLeaderless = (one: { readonly apiCode?: number; readonly path?: string }) =>
    LEADERLESS_CODES.has(one.apiCode ?? 0) && one.path?.includes('/partitions/') === true;
  return errors.every(isLeaderless) ? response : undefined;
}

function leadersOf(messages: readonly Message[], metadata: ClusterMetadata | undefined): Map<number, Message[]> {
  const byLeader = new Map<number, Message[]>();
  for (const message of messages) {
    const leader = metadata?.topics.get(message.topic)?.partitions[message.partition]?.leader ?? -1;
    const led = byLeader.get(leader);
    if (led === undefined) byLeader.set(leader, [message]);
    else led.push(message);
  }
  return byLeader;
}

/** Throws the first failure when all are answered. */
async function toAll(
  client: Extensible,
  api: Api,
  byLeader: ReadonlyMap<number, readonly Message[]>,
  argsOf: (led: readonly Message[]) => readonly unknown[],
): Promise<ProduceAnswer> {
  const outcomes = await Promise.allSettled(
    [...byLeader].map(
      ([leader, led]) =>
        new Promise<ProduceAnswer>((resolve, reject) => {
          client[kGetConnection](client.currentMetadata?.brokers.get(leader), (error, connection) => {
            if (connection === undefined) return reject(error);
            api(connection, ...argsOf(led), (failure: Error | null, answer: ProduceAnswer) => {
              if (failure === null) resolve(answer);
              else reject(failure);
            });
          });
        }),
    ),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const answers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  return { ...answers[0], responses: answers.flatMap(({ responses }) => responses) };
}

/** The library's way to say that it looked for a broker with a number that no broker has. */
function isLeaderless(error: Error): boolean {
  const failure = findErrorBy(error, 'code', NetworkError.code);
  return failure?.['hasStaleMetadata'] === true && failure['broker'] === undefined;
}
