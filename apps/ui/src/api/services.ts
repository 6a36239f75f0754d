import { type Parameters, requestJson } from './client.ts';

export interface Operation {
  readonly name: string;
  readonly spanKind: string;
}

const what = (things: string) => `The ${things} could not be loaded`;
const none: Parameters = {};

export async function fetchServices(signal: AbortSignal): Promise<readonly string[]> {
  const body = (await requestJson(what('services'), 'api/v3/services', none, signal)) as { services?: string[] };
  return body.services ?? [];
}

export async function fetchOperations(serviceName: string, signal: AbortSignal): Promise<readonly Operation[]> {
  const body = (await requestJson(what('operations'), 'api/v3/operations', { service: serviceName }, signal)) as {
    operations?: { name?: string; spanKind?: string }[];
  };
  return (body.operations ?? []).map(({ name, spanKind }) => ({ name: name ?? '', spanKind: spanKind ?? '' }));
}
