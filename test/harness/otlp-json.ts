import { randomBytes } from 'node:crypto';

/** A span in OTLP's JSON form. What a test leaves out is filled in with something valid. */
export interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly JsonAttribute[];
  readonly events?: readonly { timeUnixNano: string; name: string; attributes?: readonly JsonAttribute[] }[];
  readonly status?: { readonly code: number; readonly message?: string };
}

export interface JsonAttribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

export const newTraceId = (): string => randomBytes(16).toString('hex');
export const newSpanId = (): string => randomBytes(8).toString('hex');
export const nowUnixNano = (): bigint => BigInt(Date.now()) * 1_000_000n;
export const text = (key: string, value: string): JsonAttribute => ({ key, value: { stringValue: value } });

export function jsonSpan(given: Partial<JsonSpan> = {}): JsonSpan {
  const start = nowUnixNano() - 1_000_000_000n;
  return {
    traceId: newTraceId(),
    spanId: newSpanId(),
    name: 'operation',
    kind: 1,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 5_000_000n),
    ...given,
  };
}

/** A request of one service's spans. */
export function jsonRequest(serviceName: string, spans: readonly unknown[]): unknown {
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', serviceName)] },
        scopeSpans: [{ scope: { name: 'spoor-test' }, spans }],
      },
    ],
  };
}

/** Sends a request over HTTP and JSON. `address` is the receiver's `host:port`. */
export function sendJson(address: string, request: unknown): Promise<Response> {
  return fetch(`http://${address}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
}

/** Sends one service's spans and insists that all are taken. */
export async function sendSpans(address: string, serviceName: string, spans: readonly JsonSpan[]): Promise<void> {
  const response = await sendJson(address, jsonRequest(serviceName, spans));
  const body = await response.text();
  if (response.status !== 200 || /rejectedSpans/.test(body)) throw new Error(`answered ${response.status}: ${body}`);
}
