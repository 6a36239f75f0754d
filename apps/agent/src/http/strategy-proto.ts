import { SpoorError } from '@spoor/model';
import { readText, TextReader, WireReader, WireWriter } from '@spoor/otlp';
import type { OperationSampling, OperationStrategy, SamplingStrategy } from '@spoor/sampling';

const texts = new TextReader();

/** `jaeger.api_v2.SamplingStrategyParameters` (CONTRACT §3.2). */
export function encodeParameters(service: string): Uint8Array {
  const writer = new WireWriter(64);
  if (service !== '') writer.string(10, service);
  return writer.finish();
}

/** `jaeger.api_v2.SamplingStrategyResponse` (CONTRACT §3.2). Throws `SPOOR_INTERNAL` for what is none. */
export function decodeStrategy(bytes: Uint8Array): SamplingStrategy {
  const reader = new WireReader(bytes);
  let isRateLimiting = false;
  let samplingRate = 0;
  let maxTracesPerSecond = 0;
  let operationSampling: OperationSampling | undefined;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 8) isRateLimiting = reader.varint() === 1;
    else if (tag === 18) samplingRate = readRate(reader);
    else if (tag === 26) maxTracesPerSecond = readLimit(reader);
    else if (tag === 34) operationSampling = readOperations(reader);
    else reader.skip(tag);
  }
  if (reader.faultAt >= 0)
    throw new SpoorError('SPOOR_INTERNAL', `the collector's answer is no SamplingStrategyResponse: ${reader.fault}`);
  const operations = operationSampling === undefined ? {} : { operationSampling };
  return isRateLimiting
    ? { type: 'ratelimiting', maxTracesPerSecond, ...operations }
    : { type: 'probabilistic', samplingRate, ...operations };
}

/** A `ProbabilisticSamplingStrategy`. */
function readRate(reader: WireReader): number {
  let rate = 0;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 9) rate = readDouble(reader);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return rate;
}

/** A `RateLimitingSamplingStrategy`. */
function readLimit(reader: WireReader): number {
  let limit = 0;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 8) limit = reader.varint() | 0;
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return limit;
}

function readOperations(reader: WireReader): OperationSampling {
  let defaultSamplingProbability = 0;
  let defaultLowerBoundTracesPerSecond = 0;
  let defaultUpperBoundTracesPerSecond = 0;
  const perOperationStrategies: OperationStrategy[] = [];
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 9) defaultSamplingProbability = readDouble(reader);
    else if (tag === 17) defaultLowerBoundTracesPerSecond = readDouble(reader);
    else if (tag === 26) perOperationStrategies.push(readOperation(reader));
    else if (tag === 33) defaultUpperBoundTracesPerSecond = readDouble(reader);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return {
    defaultSamplingProbability,
    defaultLowerBoundTracesPerSecond,
    perOperationStrategies,
    defaultUpperBoundTracesPerSecond,
  };
}

function readOperation(reader: WireReader): OperationStrategy {
  let operation = '';
  let samplingRate = 0;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) operation = readText(reader, texts);
    else if (tag === 18) samplingRate = readRate(reader);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { operation, samplingRate };
}

function readDouble(reader: WireReader): number {
  const at = reader.pos;
  reader.fixed64();
  return reader.faultAt < 0 ? reader.view.getFloat64(at, true) : 0;
}
