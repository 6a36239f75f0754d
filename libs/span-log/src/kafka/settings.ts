import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SpoorError } from '@spoor/model';
import {
  byteSize,
  duration,
  optionalClientTlsSettings,
  parseDuration,
  readOptionalClientTls,
  secret,
  section,
} from '@spoor/service';
import { z } from 'zod';
import { KAFKA_COMPRESSIONS, type KafkaSasl, type KafkaSpanLogOptions } from './config.ts';
import { KAFKA_ENCODINGS } from './encodings.ts';

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\],]+):\d{1,5}$/;
/** What Kafka itself takes as the name of a topic. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/** What the peer's v1 called three of the encodings (CONTRACT §4). */
const PEER_ENCODINGS: ReadonlyMap<unknown, string> = new Map([
  ['protobuf', 'jaeger_proto'],
  ['json', 'jaeger_json'],
  ['zipkin-thrift', 'zipkin_thrift'],
]);

const topicName = () => z.string().regex(TOPIC, 'must be a name that Kafka takes').meta({ accepts: 'a topic name' });
const filePath = () => z.string().min(1).optional();
/** As small as a batch can be that holds what a span usually has. */
const MIN_BATCH_BYTES = 10_000;
const KERBEROS =
  'kerberos is not spoken here; let the brokers take SCRAM (plaintext, with kafka.sasl), OAUTHBEARER or client certificates (tls)';
const MAX_PORT = 65_535;
const MAX_TOPIC_LENGTH = 249;
const LETTERS_END = '-dlq';

/** Shorter, and a loop would never rest; longer, and a timer would not hold it. */
const durationFrom = (minMs: number, min: string, max = '1d') =>
  duration().refine((ms) => ms >= minMs && ms <= (parseDuration(max) ?? 0), `must be from ${min} to ${max}`);
const bytesFrom = (min: number, about: string) =>
  byteSize().refine((bytes) => bytes >= min, `must be ${min} or more, ${about}`);

function isPort(broker: string): boolean {
  const port = Number(broker.slice(broker.lastIndexOf(':') + 1));
  return port >= 1 && port <= MAX_PORT;
}

/** The settings under `kafka`, of every process that has its span log there. */
export const kafkaSettings = section({
  brokers: z
    .array(
      z
        .string()
        .regex(BROKER, 'must be host:port')
        .refine((broker) => isPort(broker), `must have a port from 1 to ${MAX_PORT}`),
    )
    .min(1)
    .default(['127.0.0.1:9092'])
    .meta({
      description: 'Brokers to ask first; they name the others',
      accepts: 'a list of host:port; separated by commas in flags and environment',
      env: ['KAFKA_PRODUCER_BROKERS', 'KAFKA_CONSUMER_BROKERS'],
    }),
  topic: topicName()
    .default('jaeger-spans')
    .meta({
      description: 'The topic of the spans; it must exist, nothing here creates topics',
      env: ['KAFKA_PRODUCER_TOPIC', 'KAFKA_CONSUMER_TOPIC'],
    }),
  deadLetterTopic: topicName()
    .optional()
    .meta({ description: 'Where records go that cannot be stored; without it the topic with -dlq behind its name' }),
  client: z
    .enum(['platformatic', 'kafkajs'])
    .default('platformatic')
    .meta({ description: 'The client library; members of one consumer group must use the same' }),
  clientId: z
    .string()
    .min(1)
    .default('spoor')
    .meta({ description: 'The name under which the brokers log and meter us', env: ['KAFKA_CONSUMER_CLIENT_ID'] }),
  encoding: z
    .preprocess((given) => PEER_ENCODINGS.get(given) ?? given, z.enum(KAFKA_ENCODINGS))
    .default('otlp_proto')
    .meta({
      description:
        'Of the records that are written, and of those that are read and do not tell their own; zipkin_thrift can only be read, auto recognises each record and writes otlp_proto',
      accepts: `one of ${KAFKA_ENCODINGS.join(', ')}; also protobuf, json and zipkin-thrift for jaeger_proto, jaeger_json and zipkin_thrift`,
      env: ['KAFKA_PRODUCER_ENCODING', 'KAFKA_CONSUMER_ENCODING'],
    }),
  compression: z
    .enum(KAFKA_COMPRESSIONS)
    .default('none')
    .meta({ description: 'Of what is written; all of them can be read', env: ['KAFKA_PRODUCER_COMPRESSION'] }),
  linger: durationFrom(0, '0', '10s')
    .prefault('5ms')
    .meta({
      description: 'How long the first spans of a request to a broker wait for others',
      env: ['KAFKA_PRODUCER_BATCH_LINGER'],
    }),
  maxWait: durationFrom(100, '100ms', '1h')
    .prefault('8s')
    .meta({ description: 'How long a sender waits for the brokers before it is told to send again later' }),
  maxRequestBytesPerPartition: bytesFrom(MIN_BATCH_BYTES, 'or hardly a span fits')
    .prefault('900000')
    .meta({
      description:
        "What one record batch may have before compression; less where the topic's max.message.bytes is smaller",
      env: ['KAFKA_PRODUCER_MAX_MESSAGE_BYTES'],
    }),
  maxInFlightBytes: byteSize()
    .prefault('64MiB')
    .meta({ description: 'Bytes of spans that may wait for the brokers; beyond it senders are told to wait' }),
  maxInFlightBatches: z
    .number()
    .int()
    .min(1)
    .default(100_000)
    .meta({ description: 'Records that may wait for the brokers; beyond it senders are told to wait' }),
  maxDeliveryBytes: bytesFrom(MIN_BATCH_BYTES, 'or records come one by one')
    .prefault('4MiB')
    .meta({ description: 'Bytes of one partition that are stored at once; a larger record comes alone' }),
  maxFetchedBytes: byteSize()
    .prefault('32MiB')
    .meta({ description: 'Bytes that may be fetched and not yet stored; beyond it nothing more is fetched' }),
  sessionTimeout: durationFrom(1_000, '1s').prefault('30s').meta({
    description:
      "After which silence the group gives a member's partitions to others; brokers take 6s to 30m unless told otherwise",
  }),
  metadataRefresh: durationFrom(100, '100ms')
    .prefault('30s')
    .meta({ description: 'How often the number of partitions, and what the topics take, is asked for' }),
  stallTimeout: durationFrom(1_000, '1s').prefault('60s').meta({
    description: 'A partition that has records and stands still for so long, without a known reason, is fetched anew',
  }),
  authentication: z
    .enum(['none', 'tls', 'plaintext', 'kerberos'])
    .refine((given) => given !== 'kerberos', KERBEROS)
    .optional()
    .meta({
      description:
        'As the peer has it: tls is kafka.tls.enabled, plaintext is SASL, which needs kafka.sasl, none is neither. Not needed beside those',
      accepts: 'one of none, tls, plaintext',
      env: ['KAFKA_PRODUCER_AUTHENTICATION', 'KAFKA_CONSUMER_AUTHENTICATION'],
    }),
  tls: section(optionalClientTlsSettings('brokers', ['KAFKA_PRODUCER', 'KAFKA_CONSUMER'])),
  sasl: section({
    mechanism: z
      .enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'])
      .default('PLAIN')
      .meta({
        description: 'How we prove who we are, once there is a user name or a token file',
        env: ['KAFKA_PRODUCER_PLAINTEXT_MECHANISM', 'KAFKA_CONSUMER_PLAINTEXT_MECHANISM'],
      }),
    username: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'The user name; without it there is no SASL, but for OAUTHBEARER',
        env: ['KAFKA_PRODUCER_PLAINTEXT_USERNAME', 'KAFKA_CONSUMER_PLAINTEXT_USERNAME'],
      }),
    password: secret()
      .optional()
      .meta({
        description: 'The password of the user name',
        env: ['KAFKA_PRODUCER_PLAINTEXT_PASSWORD', 'KAFKA_CONSUMER_PLAINTEXT_PASSWORD'],
      }),
    tokenFile: filePath().meta({ description: 'The file with the token for OAUTHBEARER; read again for each login' }),
  }),
}).superRefine((settings, { addIssue }) => {
  const refuse = (name: string, message: string) => addIssue({ code: 'custom', path: [name], message });
  const { topic, deadLetterTopic } = settings;
  if (deadLetterTopic === topic)
    refuse('deadLetterTopic', 'must be another topic than kafka.topic, or letters would be read as spans for ever');
  if (deadLetterTopic === undefined && topic.length + LETTERS_END.length > MAX_TOPIC_LENGTH)
    refuse('topic', `is too long to have ${LETTERS_END} behind it; shorten it, or name kafka.deadLetterTopic`);
  if (settings.linger >= settings.maxWait)
    refuse('linger', 'must be shorter than kafka.maxWait, or every sender is told to send again; lower it');
  if (settings.maxInFlightBytes < settings.maxRequestBytesPerPartition)
    refuse('maxInFlightBytes', 'must not be less than kafka.maxRequestBytesPerPartition; raise it or lower that');
  if (settings.maxFetchedBytes < settings.maxDeliveryBytes)
    refuse('maxFetchedBytes', 'must not be less than kafka.maxDeliveryBytes; raise it or lower that');
});
export type KafkaSettings = z.output<typeof kafkaSettings>;

/** Reads the files that the settings name. Throws `SPOOR_INVALID_CONFIGURATION` for those that cannot be read or do not fit together. */
export function kafkaOptionsOf(settings: KafkaSettings): KafkaSpanLogOptions {
  const {
    linger,
    maxWait: _ofSenders,
    sessionTimeout,
    metadataRefresh,
    stallTimeout,
    deadLetterTopic,
    authentication,
    tls,
    sasl,
    ...same
  } = settings;
  const secured = readOptionalClientTls('kafka.tls', { ...tls, enabled: tls.enabled || authentication === 'tls' });
  const login = saslOf(sasl);
  if (authentication === 'plaintext' && login === undefined)
    throw wrong('kafka.authentication is plaintext, which needs kafka.sasl.username and kafka.sasl.password');
  if ((authentication === 'none' || authentication === 'tls') && login !== undefined)
    throw wrong(
      `kafka.authentication is ${authentication}, but kafka.sasl has a login; set it to plaintext, or leave it out`,
    );
  return {
    ...same,
    lingerMs: linger,
    sessionTimeoutMs: sessionTimeout,
    metadataRefreshMs: metadataRefresh,
    stallTimeoutMs: stallTimeout,
    ...(deadLetterTopic === undefined ? {} : { deadLetterTopic }),
    ...(secured === undefined ? {} : { tls: secured }),
    ...(login === undefined ? {} : { sasl: login }),
  };
}

function saslOf({ mechanism, username, password, tokenFile }: KafkaSettings['sasl']): KafkaSasl | undefined {
  if (mechanism === 'OAUTHBEARER') {
    if (tokenFile === undefined)
      throw wrong('kafka.sasl.mechanism is OAUTHBEARER, which needs the file with the token in kafka.sasl.tokenFile');
    mustBeReadable(tokenFile);
    return { mechanism, token: async () => (await readFile(tokenFile, 'utf8')).trim() };
  }
  if (tokenFile !== undefined)
    throw wrong(`kafka.sasl.tokenFile is given, but kafka.sasl.mechanism is ${mechanism}; set it to OAUTHBEARER`);
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined)
    throw wrong('kafka.sasl.username and kafka.sasl.password belong together; give both or none');
  return { mechanism, username, password: password.reveal() };
}

function mustBeReadable(tokenFile: string): void {
  try {
    accessSync(tokenFile, constants.R_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpoorError('SPOOR_INVALID_CONFIGURATION', `kafka.sasl.tokenFile cannot be read: ${reason}`, { cause });
  }
}

function wrong(message: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_CONFIGURATION', message);
}
