import { SpoorError } from '@spoor/model';
import type { OperationSampling, SamplingStrategy } from './strategy.ts';

/** `jaeger.api_v2.SamplingStrategyResponse` (CONTRACT §3.2). */
export function encodeStrategy(strategy: SamplingStrategy): Buffer {
  const { operationSampling } = strategy;
  return Buffer.concat([
    strategy.type === 'probabilistic'
      ? field(2, double(1, strategy.samplingRate))
      : Buffer.concat([integer(1, 1), field(3, integer(1, strategy.maxTracesPerSecond))]),
    operationSampling === undefined ? EMPTY : field(4, encodeOperations(operationSampling)),
  ]);
}

/**
 * The service of `jaeger.api_v2.SamplingStrategyParameters`. Unknown fields are skipped, and the last one counts. Throws
 * `SPOOR_INVALID_REQUEST`.
 */
export function decodeParameters(bytes: Uint8Array): string {
  let service = '';
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) throw malformed();
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    // The rest of a number of 64 bits.
    while ((bytes[at] ?? 0) >= 0x80) at += 1;
    at += 1;
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      if (length > bytes.length - at) throw malformed();
      if (tag === 0x0a) service = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString();
      at += length;
    } else throw malformed();
  }
  if (at > bytes.length) throw malformed();
  return service;
}

function malformed(): SpoorError {
  return new SpoorError('SPOOR_INVALID_REQUEST', 'the message is no SamplingStrategyParameters');
}

const EMPTY = Buffer.alloc(0);

function encodeOperations(sampling: OperationSampling): Buffer {
  return Buffer.concat([
    double(1, sampling.defaultSamplingProbability),
    double(2, sampling.defaultLowerBoundTracesPerSecond),
    ...sampling.perOperationStrategies.map(({ operation, samplingRate }) =>
      field(3, Buffer.concat([text(1, operation), field(2, double(1, samplingRate))])),
    ),
    double(4, sampling.defaultUpperBoundTracesPerSecond),
  ]);
}

/** Length-delimited. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varintOf(BigInt(content.length))]), content]);
}

function text(number: number, value: string): Buffer {
  return value === '' ? EMPTY : field(number, Buffer.from(value));
}

/** Zero is left out, as proto3 has it. */
function double(number: number, value: number): Buffer {
  if (value === 0) return EMPTY;
  const bytes = Buffer.alloc(9);
  bytes[0] = (number << 3) | 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** An int32: negative numbers take ten bytes. */
function integer(number: number, value: number): Buffer {
  return value === 0 ? EMPTY : Buffer.from([number << 3, ...varintOf(BigInt.asUintN(64, BigInt(value)))]);
}

function varintOf(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}
