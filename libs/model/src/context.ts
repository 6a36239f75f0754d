import type { Tenant } from './span.ts';

/** Goes with every call, passed and never ambient. `signal` aborts when the caller gave up or the deadline passed. */
export interface RequestContext {
  readonly tenant: Tenant;
  readonly signal: AbortSignal;
}
