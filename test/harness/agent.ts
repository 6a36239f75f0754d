import { type ListeningProcess, type ProcessOptions, startListening } from './listening-process.ts';

const LISTENERS = {
  jaegerCompact: { listener: 'jaeger-compact', setting: 'SPOOR_AGENT_JAEGER_COMPACT_ENDPOINT' },
  jaegerBinary: { listener: 'jaeger-binary', setting: 'SPOOR_AGENT_JAEGER_BINARY_ENDPOINT' },
  zipkinCompact: { listener: 'zipkin-compact', setting: 'SPOOR_AGENT_ZIPKIN_COMPACT_ENDPOINT' },
  http: { listener: 'agent-http', setting: 'SPOOR_HTTP_ENDPOINT' },
  admin: { listener: 'admin', setting: 'SPOOR_ADMIN_ENDPOINT' },
} as const;

export interface AgentOptions extends ProcessOptions {
  /** `host:port` of each collector's gRPC. */
  readonly collectors: readonly string[];
}

/** A running agent that hands spans to collectors. */
export type AgentProcess = ListeningProcess<keyof typeof LISTENERS>;

/** Starts `apps/agent`. Use it with `await using`, or call `stop`. */
export function startAgent({ collectors, ...options }: AgentOptions): Promise<AgentProcess> {
  const env = { SPOOR_REPORTER_ENDPOINTS: collectors.join(','), ...options.env };
  return startListening('apps/agent/src/main.ts', LISTENERS, { ...options, env });
}
