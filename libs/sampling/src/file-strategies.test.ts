import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { openFileStrategies } from './file-strategies.ts';
import { answerBaggageRestrictions, answerSampling } from './http-answer.ts';
import type { SamplingStrategies } from './strategy.ts';

const NEVER = new AbortController().signal;
const logger = pino({ level: 'silent' });
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function temporaryFile(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-sampling-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'strategies.json');
  writeFileSync(path, content);
  return path;
}

function open(path: string, reloadInterval = 0): SamplingStrategies {
  const strategies = openFileStrategies({ path, reloadInterval, defaultSamplingProbability: 0.001 }, { logger });
  cleanups.push(() => strategies.stop(NEVER));
  return strategies;
}

const fileOf = (samplingRate: number) =>
  JSON.stringify({ default_strategy: { type: 'probabilistic', param: samplingRate } });
const rateOf = async (strategies: SamplingStrategies) => {
  const strategy = await strategies.strategyFor('x');
  return strategy.type === 'probabilistic' ? strategy.samplingRate : undefined;
};

/** Answers what it is told to, and counts how often it was asked. */
async function answering(answer: { status: number; body: string }) {
  const state = { ...answer, asked: 0 };
  const server = createServer((_request, response) => {
    state.asked += 1;
    response.writeHead(state.status).end(state.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/strategies.json` };
}

test('a file is read at the start, and anew when it changed', async () => {
  const path = temporaryFile(fileOf(0.5));
  const strategies = open(path, 10);
  expect(await rateOf(strategies)).toBe(0.001);
  await strategies.start();
  expect(await rateOf(strategies)).toBe(0.5);
  writeFileSync(path, fileOf(0.75));
  await expect.poll(() => rateOf(strategies)).toBe(0.75);
  // What is wrong leaves what was there.
  writeFileSync(path, '{"default_strategy":');
  rmSync(path);
  expect(await rateOf(strategies)).toBe(0.75);
  writeFileSync(path, fileOf(0.25));
  await expect.poll(() => rateOf(strategies)).toBe(0.25);
});

test('without an interval a file is read once, without a path never', async () => {
  const path = temporaryFile(fileOf(0.5));
  const strategies = open(path);
  await strategies.start();
  writeFileSync(path, fileOf(0.75));
  const none = open('');
  await none.start();
  expect([await rateOf(strategies), await rateOf(none)]).toEqual([0.5, 0.001]);
});

test('a file that is wrong or missing at the start ends it, and says what to change', async () => {
  await expect(open('/nowhere/strategies.json').start()).rejects.toMatchObject({
    code: 'SPOOR_INVALID_CONFIGURATION',
    message: expect.stringContaining('--sampling.file.path'),
  });
  await expect(open(temporaryFile('[1]')).start()).rejects.toMatchObject({ code: 'SPOOR_INVALID_CONFIGURATION' });
});

test('an address is read like a file; 503 and errors leave what was there', async () => {
  const { state, url } = await answering({ status: 503, body: 'not yet' });
  const strategies = open(url, 10);
  await strategies.start();
  expect(await rateOf(strategies)).toBe(0.001);
  Object.assign(state, { status: 200, body: fileOf(0.5) });
  await expect.poll(() => rateOf(strategies)).toBe(0.5);
  for (const answer of [
    { status: 503, body: '' },
    { status: 404, body: fileOf(0.9) },
    { status: 200, body: 'nonsense' },
  ]) {
    const { asked } = Object.assign(state, answer);
    await expect.poll(() => state.asked).toBeGreaterThan(asked + 1);
    expect(await rateOf(strategies)).toBe(0.5);
  }
});

test('the answer to a question has the words that clients know', async () => {
  const strategies = open('');
  const ask = (search: string, isLegacy = false) => answerSampling(search, strategies, logger, { isLegacy });
  expect(await ask('service=shop')).toEqual({
    status: 200,
    contentType: 'application/json',
    body: '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.001}}',
  });
  expect((await ask('service=shop', true)).body).toContain('"strategyType":0');
  expect((await ask('service=')).status).toBe(200);
  for (const search of ['', 'service=a&service=b', 'other=1'])
    expect(await ask(search)).toMatchObject({ status: 400, body: "'service' parameter must be provided once\n" });
  const failing: SamplingStrategies = {
    ...strategies,
    strategyFor: async () => {
      throw new Error('secret');
    },
  };
  expect(await answerSampling('service=x', failing, logger)).toMatchObject({
    status: 500,
    body: 'collector error: internal error\n',
  });
  expect(answerBaggageRestrictions('service=x')).toMatchObject({ status: 500 });
  expect(answerBaggageRestrictions('')).toMatchObject({ status: 400 });
});
