import { duration, listenAddress, section } from '@spoor/service';
import { z } from 'zod';

const DEFAULT_MAX_SEARCH_DEPTH = 10_000;
const DEFAULT_MAX_TRACE_SPANS = 200_000;

const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

function isBasePath(path: string): boolean {
  if (path === '/') return true;
  return /^(?:\/[A-Za-z0-9._~-]+)+$/.test(path) && !path.split('/').some((segment) => /^\.+$/.test(segment));
}

/** The settings under `query`. */
export const queryConfig = section({
  http: section({
    endpoint: listenAddress()
      .prefault('127.0.0.1:16686')
      .meta({ description: 'Where the pages and the HTTP API are served', env: ['QUERY_HTTP_SERVER_HOST_PORT'] }),
  }),
  grpc: section({
    endpoint: listenAddress()
      .prefault('127.0.0.1:16685')
      .meta({ description: 'Where the gRPC API is served', env: ['QUERY_GRPC_SERVER_HOST_PORT'] }),
  }),
  basePath: z
    .string()
    .refine(isBasePath, 'must start with / and have no / at its end and no dot segments, such as /tracing')
    .default('/')
    .meta({ description: 'The path under which a proxy serves the pages and the HTTP API', env: ['QUERY_BASE_PATH'] }),
  maxSearchDepth: z.number().int().min(1).max(1_000_000).default(DEFAULT_MAX_SEARCH_DEPTH).meta({
    description: 'The most traces that one search may ask for',
  }),
  maxTraceSpans: z.number().int().min(0).default(DEFAULT_MAX_TRACE_SPANS).meta({
    description: 'Spans of one trace beyond this are left out of an answer, which then says so; 0 is no limit',
  }),
  maxClockSkewAdjustment: duration()
    .prefault('0')
    .meta({
      description: 'How far the times of a span may be shifted where hosts disagree; 0 never shifts and only warns',
      env: ['QUERY_MAX_CLOCK_SKEW_ADJUSTMENT'],
    }),
  requestTimeout: duration().prefault('60s').meta({
    description: 'How long one request may take until its answer begins and ends',
  }),
  additionalHeaders: z
    .record(z.string().regex(headerName, 'is not the name of an HTTP header'), z.string().regex(/^[\t\x20-\x7e]*$/))
    .default({})
    .meta({ description: 'Headers that every HTTP answer has besides its own' }),
  compression: z.boolean().default(true).meta({
    description: 'Compress HTTP answers for clients that accept it',
  }),
});

export type QueryConfig = z.output<typeof queryConfig>;
