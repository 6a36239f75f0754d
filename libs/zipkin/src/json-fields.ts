import { checkSpanCount, type SpoorError } from '@spoor/model';
import { DEFAULT_MAX_JSON_DEPTH, integerOf, isObject, type JsonObject, notJson, parseBoundedJson } from '@spoor/otlp';
import type { ZipkinEndpoint } from './v2/message.ts';

/** Reads the fields of Zipkin's JSON; what is wrong names its place. */
export class JsonFields {
  private readonly format: string;

  constructor(format: string) {
    this.format = format;
  }

  /** The objects of the array that the whole text is. Throws `SPOOR_REQUEST_TOO_LARGE` for too many. */
  spans(bytes: Uint8Array): JsonObject[] {
    const all = this.objects(parseBoundedJson(bytes, DEFAULT_MAX_JSON_DEPTH, this.format), 'the top level');
    checkSpanCount(all.length);
    return all;
  }

  fail(place: string, what: string): SpoorError {
    return notJson(`${place} ${what}`, this.format);
  }

  /** Null and absent are an empty array, but for the whole. */
  objects(value: unknown, place: string): JsonObject[] {
    if ((value === undefined || value === null) && place !== 'the top level') return [];
    if (!Array.isArray(value)) throw this.fail(place, 'is not an array');
    const at = value.findIndex((element: unknown) => !isObject(element));
    if (at >= 0) throw this.fail(`${place === 'the top level' ? '' : place}[${at}]`, 'is not an object');
    return value as JsonObject[];
  }

  text(of: JsonObject, name: string, place: string): string {
    const value = of[name];
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
    throw this.fail(`${place}.${name}`, 'is not a string');
  }

  /** Lower-case hex of so many digits; shorter ones are filled up with zeros, as Zipkin's own readers do. `''` when absent. */
  id(of: JsonObject, name: string, digits: 16 | 32, place: string): string {
    const value = of[name];
    if (value === undefined || value === null || value === '') return '';
    if (typeof value !== 'string' || value.length > digits || !/^[0-9a-fA-F]+$/.test(value))
      throw this.fail(`${place}.${name}`, `is not a string of up to ${digits} hex digits`);
    return value.toLowerCase().padStart(digits, '0');
  }

  compulsoryId(of: JsonObject, name: string, digits: 16 | 32, place: string): string {
    const id = this.id(of, name, digits, place);
    if (id === '') throw this.fail(`${place}.${name}`, 'is missing');
    return id;
  }

  /** Microseconds, as a number or a string; fractions are cut off. `undefined` when absent. */
  micros(of: JsonObject, name: string, place: string): bigint | undefined {
    const value = of[name];
    if (value === undefined || value === null) return undefined;
    const micros = integerOf(typeof value === 'number' ? Math.trunc(value) : value);
    if (micros === undefined || BigInt.asIntN(64, micros) !== micros)
      throw this.fail(`${place}.${name}`, 'is not a number of microseconds');
    return micros;
  }

  endpoint(of: JsonObject, name: string, place: string): ZipkinEndpoint | undefined {
    const value = of[name];
    if (value === undefined || value === null) return undefined;
    const here = `${place}.${name}`;
    if (!isObject(value)) throw this.fail(here, 'is not an object');
    const port = Number(value['port'] ?? 0);
    // Zipkin's own clients in languages without unsigned numbers write ports above 32,767 as negative ones.
    if (!Number.isInteger(port) || port < -0x8000 || port > 0xffff)
      throw this.fail(`${here}.port`, 'is not a number from 0 to 65535');
    return {
      serviceName: this.text(value, 'serviceName', here),
      ipv4: this.text(value, 'ipv4', here),
      ipv6: this.text(value, 'ipv6', here),
      port: port & 0xffff,
    };
  }
}
