export { type TracingConfig, tracingConfig } from './config.ts';
export { carriesOwnTelemetry, OWN_TELEMETRY } from './own-telemetry.ts';
export {
  createSelfTracing,
  NO_SELF_TRACING,
  type SelfTracing,
  type SelfTracingDependencies,
  type TracedWork,
  type Work,
} from './self-tracing.ts';
export { tracedProducer, tracedSend, tracedWriter } from './traced-log.ts';
export { tracedReader } from './traced-reader.ts';
