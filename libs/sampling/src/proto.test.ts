import { join } from 'node:path';
import fc from 'fast-check';
import { loadSync } from 'protobufjs';
import { expect, test } from 'vitest';
import { decodeParameters, encodeStrategy } from './proto.ts';

const root = loadSync(join(import.meta.dirname, '../proto/jaeger/api_v2/sampling.proto'));
const Response = root.lookupType('jaeger.api_v2.SamplingStrategyResponse');
const Parameters = root.lookupType('jaeger.api_v2.SamplingStrategyParameters');

const decoded = (bytes: Uint8Array) =>
  Response.toObject(Response.decode(bytes), { enums: String, defaults: true, arrays: true });

test('a protobuf library reads what we write', () => {
  expect(decoded(encodeStrategy({ type: 'probabilistic', samplingRate: 0.25 }))).toMatchObject({
    strategyType: 'PROBABILISTIC',
    probabilisticSampling: { samplingRate: 0.25 },
    rateLimitingSampling: null,
    operationSampling: null,
  });
  expect(decoded(encodeStrategy({ type: 'ratelimiting', maxTracesPerSecond: -3 }))).toMatchObject({
    strategyType: 'RATE_LIMITING',
    probabilisticSampling: null,
    rateLimitingSampling: { maxTracesPerSecond: -3 },
  });
  const operation = 'GET /ö/'.repeat(40);
  const operationSampling = {
    defaultSamplingProbability: 0.2,
    defaultLowerBoundTracesPerSecond: 1 / 60,
    perOperationStrategies: [
      { operation, samplingRate: 1 },
      { operation: '', samplingRate: 0 },
    ],
    defaultUpperBoundTracesPerSecond: 7,
  };
  expect(decoded(encodeStrategy({ type: 'probabilistic', samplingRate: 0, operationSampling }))).toMatchObject({
    probabilisticSampling: { samplingRate: 0 },
    operationSampling: {
      ...operationSampling,
      perOperationStrategies: [
        { operation, probabilisticSampling: { samplingRate: 1 } },
        { operation: '', probabilisticSampling: { samplingRate: 0 } },
      ],
    },
  });
});

test('we read what a protobuf library writes, and skip what we do not know', () => {
  for (const serviceName of ['', 'shop', 'ö'.repeat(500)])
    expect(decodeParameters(Parameters.encode({ serviceName }).finish())).toBe(serviceName);
  const unknown = [
    0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x1d, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8,
  ];
  expect(decodeParameters(Uint8Array.from([...unknown, 0x0a, 1, 0x78, 0x2a, 1, 0x79]))).toBe('x');
});

test.each([
  ['a cut length', [0x0a, 5, 0x78]],
  ['a length of 4 GiB', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ['a cut number', [0x10, 0xff]],
  ['a cut fixed64', [0x11, 1]],
  ['a group', [0x0b]],
])('%s is refused', (_what, bytes) => {
  expect(() => decodeParameters(Uint8Array.from(bytes))).toThrow('SamplingStrategyParameters');
});

test('spoilt and random questions are refused, or name a service', () => {
  const sound = Buffer.from(Parameters.encode({ serviceName: 'shop' }).finish());
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 });
  const spoilt = flips.map((changes) => {
    const bytes = Buffer.from(sound);
    for (const [at, byte] of changes) bytes[at % bytes.length]! ^= byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      try {
        expect(decodeParameters(bytes).length).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toMatchObject({ code: 'SPOOR_INVALID_REQUEST' });
      }
    }),
    { seed: 5779, numRuns: 1_500 },
  );
});
