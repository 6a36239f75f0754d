import { request } from './client.ts';

/** The bytes of the trace as an OTLP `TracesData` message; decode them off the main thread. Fails with status 404 when there is no such trace. */
export async function fetchTrace(traceId: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const what = 'The trace could not be loaded';
  const path = `api/v3/traces/${encodeURIComponent(traceId)}`;
  const response = await request(what, path, {}, signal, 'application/x-protobuf');
  return response.arrayBuffer();
}
