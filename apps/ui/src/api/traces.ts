import { request } from './client.ts';
import { ApiError } from './errors.ts';

const what = 'The trace could not be loaded';

/** The bytes of the trace as an OTLP `TracesData` message, piece by piece as they come. Fails with status 404 when there is no such trace. */
export async function* fetchTrace(traceId: string, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const path = `api/v3/traces/${encodeURIComponent(traceId)}`;
  const response = await request(what, path, {}, signal, 'application/x-protobuf');
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new ApiError(what, 'the answer was cut off', response.status, { cause: error });
    });
    if (done) return;
    yield value;
  }
}
