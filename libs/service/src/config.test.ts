import { inspect } from 'node:util';
import { SpoorError } from '@spoor/model';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from './config.ts';
import { configJsonSchema, helpText, informationWanted, settingsReference } from './config-help.ts';
import { byteSize, duration, listenAddress, ratio, revealed, secret, secretHeaders, section } from './config-values.ts';

const schema = z.strictObject({
  server: section({
    endpoint: listenAddress()
      .prefault('127.0.0.1:4318')
      .meta({ description: 'Where it listens', env: ['SERVER_HOST_PORT'] }),
    maxBodyBytes: byteSize().prefault('4MiB').meta({ description: 'The largest body' }),
    timeout: duration().prefault('5s').meta({ description: 'How long' }),
  }),
  enabled: z.boolean().default(false).meta({ description: 'A switch' }),
  names: z.array(z.string()).default([]).meta({ description: 'Some names' }),
  share: ratio().default(1).meta({ description: 'A share' }),
  level: z.enum(['low', 'high']).default('low').meta({ description: 'A level' }),
  password: secret().optional().meta({ description: 'A password' }),
  headers: secretHeaders().meta({ description: 'Some headers' }),
});

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
}

function load({ argv = [], env = {}, files = {} }: Given) {
  return loadConfig({
    schema,
    argv,
    env,
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
  });
}

function faultsOf(given: Given): string {
  try {
    load(given);
  } catch (error) {
    expect(error).toBeInstanceOf(SpoorError);
    expect((error as SpoorError).code).toBe('SPOOR_INVALID_CONFIGURATION');
    return (error as SpoorError).message;
  }
  throw new Error('the configuration was accepted');
}

test('everything has its default', () => {
  expect(load({})).toEqual({
    server: { endpoint: { host: '127.0.0.1', port: 4318 }, maxBodyBytes: 4 * 1024 * 1024, timeout: 5000 },
    enabled: false,
    names: [],
    share: 1,
    headers: {},
    level: 'low',
  });
});

test('flags win over the environment, the environment over the file', () => {
  const files = { 'spoor.yaml': 'server: { timeout: 1s, maxBodyBytes: 1 }\nlevel: high\nnames: [a, b]\n' };
  const env = { SPOOR_CONFIG: 'spoor.yaml', SPOOR_SERVER_TIMEOUT: '2s', SPOOR_SERVER_MAX_BODY_BYTES: '2KB' };
  const config = load({ argv: ['--server.timeout=3s', '--enabled', '--share', '0.5'], env, files });
  expect(config.server).toMatchObject({ timeout: 3000, maxBodyBytes: 2000 });
  expect(config).toMatchObject({ level: 'high', names: ['a', 'b'], enabled: true, share: 0.5 });
});

test('the file that the flag names is read instead of the one in the environment', () => {
  const files = { a: 'level: low', b: 'level: high' };
  expect(load({ argv: ['--config', 'b'], env: { SPOOR_CONFIG: 'a' }, files }).level).toBe('high');
});

test("the peer's environment names are accepted, and Spoor's own win over them", () => {
  expect(load({ env: { SERVER_HOST_PORT: ':9000' } }).server.endpoint).toEqual({ host: '0.0.0.0', port: 9000 });
  const both = { SERVER_HOST_PORT: ':9000', SPOOR_SERVER_ENDPOINT: '[::1]:1' };
  expect(load({ env: both }).server.endpoint).toEqual({ host: '::1', port: 1 });
});

test('lists come separated by commas, as JSON, or by repeated flags', () => {
  expect(load({ env: { SPOOR_NAMES: 'a, b' } }).names).toEqual(['a', 'b']);
  expect(load({ env: { SPOOR_NAMES: '["a,b"]' } }).names).toEqual(['a,b']);
  expect(load({ argv: ['--names', 'a', '--names=b'] }).names).toEqual(['a', 'b']);
});

test('an empty environment variable counts as absent', () => {
  expect(load({ env: { SPOOR_LEVEL: '', SPOOR_CONFIG: '' } }).level).toBe('low');
});

test('what Kubernetes says of a service named spoor-query is no setting, and no fault', () => {
  const links = {
    SPOOR_QUERY_SERVICE_HOST: '10.0.0.1',
    SPOOR_QUERY_SERVICE_PORT: '16686',
    SPOOR_QUERY_SERVICE_PORT_HTTP: '16686',
    SPOOR_QUERY_PORT: 'tcp://10.0.0.1:16686',
    SPOOR_QUERY_PORT_16686_TCP: 'tcp://10.0.0.1:16686',
    SPOOR_QUERY_PORT_16686_TCP_ADDR: '10.0.0.1',
  };
  expect(load({ env: links }).level).toBe('low');
  expect(faultsOf({ env: { SPOOR_QUERY_PORT: '16686' } })).toContain('SPOOR_QUERY_PORT is not a setting');
});

test('all faults come in one error, each with its path, source, value and accepted form', () => {
  const message = faultsOf({
    argv: ['--levle=high', '--server.endpoint=4318', '--share', '2', 'stray', '--names'],
    env: { SPOOR_SERVER_TIMEOUT: '5 seconds', SPOOR_SEVER_TIMEOUT: '5s' },
    files: { f: '' },
  });
  expect(message).toContain('wrong in 7 places');
  expect(message).toContain('--levle is not a setting; did you mean --level?');
  expect(message).toContain('server.endpoint from the flag --server.endpoint is "4318", which is not host:port');
  expect(message).toMatch(/share from the flag --share is 2, which is not a number from 0 to 1/);
  expect(message).toContain('stray is not a flag');
  expect(message).toContain('--names needs a value');
  expect(message).toMatch(
    /server.timeout from the environment variable SPOOR_SERVER_TIMEOUT is "5 seconds", which is not a duration/,
  );
  expect(message).toContain('SPOOR_SEVER_TIMEOUT is not a setting; did you mean SPOOR_SERVER_TIMEOUT?');
});

test('unknown and misplaced keys of the file are named with the file', () => {
  const files = { f: 'sever: {}\nserver: { timeuot: 1s }\nlevel: {}\n__proto__: { x: 1 }\n' };
  const message = faultsOf({ argv: ['--config=f'], files });
  expect(message).toContain('sever in the file f is not a setting; did you mean server?');
  expect(message).toContain('server.timeuot in the file f is not a setting; did you mean server.timeout?');
  expect(message).toContain('level from the file f is {}, which is not one of low, high');
  expect(message).toContain('__proto__ in the file f is not a setting');
});

test('a file that is missing, is not YAML or is no map is told', () => {
  expect(faultsOf({ argv: ['--config=gone'] })).toContain('the file gone cannot be read: no such file');
  expect(faultsOf({ argv: ['--config=f'], files: { f: 'a: [' } })).toContain('the file f is not YAML');
  expect(faultsOf({ argv: ['--config=f'], files: { f: '- a' } })).toContain('the file f must be a map of settings');
});

test('a secret is never shown', () => {
  const config = load({ env: { SPOOR_PASSWORD: 'hush' } });
  expect(config.password?.reveal()).toBe('hush');
  for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 }), String(config.password)]) {
    expect(shown).toContain('***');
    expect(shown).not.toContain('hush');
  }
  expect(faultsOf({ argv: ['--config=f'], files: { f: 'password: [hush]' } })).not.toContain('hush');
});

test('of headers the names are shown, the values never', () => {
  const { headers } = load({ env: { SPOOR_HEADERS: '{"authorization":"hush"}' } });
  expect(revealed(headers)).toEqual({ authorization: 'hush' });
  expect(JSON.stringify(headers)).toBe('{"authorization":"***"}');
  expect(inspect(headers)).not.toContain('hush');
  for (const f of ['headers: hush', 'headers: { authorization: [hush] }'])
    expect(faultsOf({ argv: ['--config=f'], files: { f } })).toMatch(/^(?!.*hush).*headers/s);
});

test.each([
  ['200ms', 200],
  ['5s', 5000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['1.5s', 1500],
  ['0', 0],
])('the duration %s is %i ms', (text, ms) => {
  expect(load({ argv: [`--server.timeout=${text}`] }).server.timeout).toBe(ms);
});

test.each(['', '5', '-5s', 's', '5 s', '1e3s', '9999999999999999d'])('%j is not a duration', (text) => {
  expect(faultsOf({ argv: [`--server.timeout=${text}`] })).toContain('is not a duration');
});

test.each([
  ['512KB', 512_000],
  ['4MiB', 4_194_304],
  ['1.5KiB', 1536],
  ['17', 17],
])('the size %s is %i bytes', (text, bytes) => {
  expect(load({ argv: [`--server.maxBodyBytes=${text}`] }).server.maxBodyBytes).toBe(bytes);
});

test.each(['', 'MB', '-1', '1XB', '1e9'])('%j is not a size', (text) => {
  expect(faultsOf({ argv: [`--server.maxBodyBytes=${text}`] })).toContain('is not a size');
});

test.each(['localhost', 'a:b', '127.0.0.1:65536', '::1:4318', 'http://a:1'])('%j is not an address', (text) => {
  expect(faultsOf({ argv: [`--server.endpoint=${text}`] })).toContain('is not host:port');
});

test('help, reference and JSON Schema name every setting with its description', () => {
  const help = helpText('spoor', schema);
  const reference = settingsReference(schema);
  for (const text of [help, reference]) {
    expect(text).toContain('server.maxBodyBytes');
    expect(text).toContain('The largest body');
    expect(text).toContain('4MiB');
  }
  expect(reference).toContain('`SPOOR_SERVER_MAX_BODY_BYTES`');
  expect(JSON.stringify(configJsonSchema(schema))).toContain('"maxBodyBytes":{');
});

test('help and version are asked for by flags', () => {
  expect(informationWanted(['--level=low', '--help'])).toBe('help');
  expect(informationWanted(['--version'])).toBe('version');
  expect(informationWanted(['--level=low'])).toBeUndefined();
});
