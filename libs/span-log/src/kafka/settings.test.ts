import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, settingsOf } from '@spoor/service';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { kafkaSpanLogConfig } from './config.ts';
import { kafkaOptionsOf, kafkaSettings } from './settings.ts';

const schema = z.strictObject({ kafka: kafkaSettings });
const directory = mkdtempSync(join(tmpdir(), 'spoor-kafka-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

function optionsFrom(env: Readonly<Record<string, string>>) {
  const { kafka } = loadConfig({ schema, argv: [], env, readFile: () => '' });
  return kafkaOptionsOf(kafka);
}

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

test('the defaults of the settings are those of the log', () => {
  const { brokers, ...options } = optionsFrom({});
  expect(brokers).toEqual(['127.0.0.1:9092']);
  expect(kafkaSpanLogConfig({ brokers, ...options })).toEqual(kafkaSpanLogConfig({ brokers }));
});

test("the peer's names are understood, and Spoor's win", () => {
  const env = {
    KAFKA_PRODUCER_BROKERS: 'one:9092, two:9093',
    KAFKA_PRODUCER_TOPIC: 'theirs',
    KAFKA_CONSUMER_TOPIC: 'ignored',
    KAFKA_PRODUCER_COMPRESSION: 'zstd',
    KAFKA_PRODUCER_BATCH_LINGER: '20ms',
    KAFKA_PRODUCER_PLAINTEXT_USERNAME: 'spoor',
    KAFKA_PRODUCER_PLAINTEXT_PASSWORD: 'hidden',
    KAFKA_PRODUCER_PLAINTEXT_MECHANISM: 'SCRAM-SHA-512',
  };
  expect(optionsFrom(env)).toMatchObject({
    brokers: ['one:9092', 'two:9093'],
    topic: 'theirs',
    compression: 'zstd',
    lingerMs: 20,
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'spoor', password: 'hidden' },
  });
  expect(optionsFrom({ ...env, SPOOR_KAFKA_TOPIC: 'ours' })).toMatchObject({ topic: 'ours' });
});

test('files of TLS and the token are read', async () => {
  const tls = optionsFrom({
    SPOOR_KAFKA_TLS_ENABLED: 'true',
    SPOOR_KAFKA_TLS_CA: file('ca', 'the authority'),
    SPOOR_KAFKA_TLS_CERT: file('cert', 'the certificate'),
    SPOOR_KAFKA_TLS_KEY: file('key', 'the key'),
    SPOOR_KAFKA_TLS_SERVER_NAME: 'kafka.example',
  }).tls;
  expect(tls).toEqual({
    ca: 'the authority',
    cert: 'the certificate',
    key: 'the key',
    serverName: 'kafka.example',
    verify: true,
  });
  const tokenFile = file('token', 'first\n');
  const { sasl } = optionsFrom({ SPOOR_KAFKA_SASL_MECHANISM: 'OAUTHBEARER', SPOOR_KAFKA_SASL_TOKEN_FILE: tokenFile });
  if (sasl?.mechanism !== 'OAUTHBEARER') throw new Error('another mechanism');
  expect(await sasl.token()).toBe('first');
  file('token', 'second');
  expect(await sasl.token()).toBe('second');
});

test.each([
  ['a certificate without TLS', { SPOOR_KAFKA_TLS_CA: 'ca.pem' }, 'kafka.tls.enabled'],
  ['a certificate without its key', { SPOOR_KAFKA_TLS_ENABLED: 'true', SPOOR_KAFKA_TLS_CERT: 'c' }, 'kafka.tls.key'],
  ['a file that is not there', { SPOOR_KAFKA_TLS_ENABLED: 'true', SPOOR_KAFKA_TLS_CA: '/absent' }, 'kafka.tls.ca'],
  ['a user name without a password', { SPOOR_KAFKA_SASL_USERNAME: 'spoor' }, 'kafka.sasl.password'],
  ['a token file for another mechanism', { SPOOR_KAFKA_SASL_TOKEN_FILE: 't' }, 'kafka.sasl.mechanism'],
  ['OAUTHBEARER without a token', { SPOOR_KAFKA_SASL_MECHANISM: 'OAUTHBEARER' }, 'kafka.sasl.tokenFile'],
  ['a broker without its port', { SPOOR_KAFKA_BROKERS: 'kafka' }, 'kafka.brokers'],
])('%s is refused, and the message names the setting', (_what, env, setting) => {
  expect(() => optionsFrom(env as Record<string, string>)).toThrow(
    expect.objectContaining({ code: 'SPOOR_INVALID_CONFIGURATION', message: expect.stringContaining(setting) }),
  );
});

test('the password is never printed', () => {
  const { kafka } = loadConfig({
    schema,
    argv: [],
    env: { SPOOR_KAFKA_SASL_USERNAME: 'spoor', SPOOR_KAFKA_SASL_PASSWORD: 'hidden' },
    readFile: () => '',
  });
  expect(JSON.stringify(kafka)).not.toContain('hidden');
  expect(settingsOf(schema).filter(({ isSecret }) => isSecret)).toHaveLength(1);
});

test("the encodings of the peer's v1 have its names", () => {
  const encodingOf = (name: string) => optionsFrom({ KAFKA_CONSUMER_ENCODING: name }).encoding;
  expect(['protobuf', 'json', 'zipkin-thrift', 'otlp_json'].map(encodingOf)).toEqual([
    'jaeger_proto',
    'jaeger_json',
    'zipkin_thrift',
    'otlp_json',
  ]);
  expect(() => encodingOf('avro')).toThrow('kafka.encoding');
});

test.each([
  [{ BROKERS: 'kafka:99999' }, /port from 1 to 65535/],
  [{ BROKERS: 'kafka:0' }, /port from 1 to 65535/],
  [{ MAX_REQUEST_BYTES_PER_PARTITION: '100' }, /kafka\.maxRequestBytesPerPartition.*must be 10000 or more/],
  [{ TOPIC: 'spans', DEAD_LETTER_TOPIC: 'spans' }, /kafka\.deadLetterTopic.*another topic than kafka\.topic/],
  [{ TOPIC: 't'.repeat(247) }, /kafka\.topic.*shorten it, or name kafka\.deadLetterTopic/],
  [{ STALL_TIMEOUT: '0' }, /kafka\.stallTimeout.*from 1s to 1d/],
  [{ STALL_TIMEOUT: '30d' }, /kafka\.stallTimeout.*from 1s to 1d/],
  [{ METADATA_REFRESH: '0' }, /kafka\.metadataRefresh.*from 100ms to 1d/],
  [{ SESSION_TIMEOUT: '0' }, /kafka\.sessionTimeout.*from 1s to 1d/],
  [{ MAX_WAIT: '0' }, /kafka\.maxWait.*from 100ms to 1h/],
  [{ MAX_WAIT: '1s', LINGER: '2s' }, /kafka\.linger.*shorter than kafka\.maxWait/],
  [{ MAX_IN_FLIGHT_BYTES: '20000' }, /kafka\.maxInFlightBytes.*kafka\.maxRequestBytesPerPartition/],
  [{ MAX_FETCHED_BYTES: '20000' }, /kafka\.maxFetchedBytes.*kafka\.maxDeliveryBytes/],
])('%j is refused with what to change', (given, message) => {
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [`SPOOR_KAFKA_${name}`, value]));
  expect(() => optionsFrom(env)).toThrow(message);
});

test('the smallest and the largest are taken', () => {
  const env = {
    SPOOR_KAFKA_BROKERS: 'one:1,two:65535',
    SPOOR_KAFKA_LINGER: '0',
    SPOOR_KAFKA_MAX_WAIT: '100ms',
    SPOOR_KAFKA_SESSION_TIMEOUT: '1s',
    SPOOR_KAFKA_METADATA_REFRESH: '1d',
    SPOOR_KAFKA_STALL_TIMEOUT: '1s',
    SPOOR_KAFKA_MAX_REQUEST_BYTES_PER_PARTITION: '10000',
    SPOOR_KAFKA_MAX_IN_FLIGHT_BYTES: '10000',
  };
  expect(optionsFrom(env)).toMatchObject({ lingerMs: 0, sessionTimeoutMs: 1_000, maxInFlightBytes: 10_000 });
});

test("the peer's authentication is mapped, and one that is not spoken is refused with advice", () => {
  const login = { KAFKA_PRODUCER_PLAINTEXT_USERNAME: 'spoor', KAFKA_PRODUCER_PLAINTEXT_PASSWORD: 'hidden' };
  const options = (authentication: string, env: Readonly<Record<string, string>> = {}) =>
    optionsFrom({ KAFKA_CONSUMER_AUTHENTICATION: authentication, ...env });
  expect(options('none')).toEqual(optionsFrom({}));
  expect(options('tls')).toMatchObject({ tls: { verify: true } });
  const both = options('plaintext', { ...login, KAFKA_PRODUCER_TLS_ENABLED: 'true' });
  expect(both).toMatchObject({ tls: { verify: true }, sasl: { mechanism: 'PLAIN', username: 'spoor' } });
  expect(() => options('plaintext')).toThrow(/needs kafka\.sasl\.username/);
  expect(() => options('tls', login)).toThrow(/set it to plaintext/);
  expect(() => options('kerberos')).toThrow(/KAFKA_CONSUMER_AUTHENTICATION.*SCRAM.*OAUTHBEARER/);
});
