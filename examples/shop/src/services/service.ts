import type { Tracer } from '@opentelemetry/api';
import type { Chance } from '../chance.ts';

/** What every service of the shop is given. */
export interface ServiceContext {
  readonly tracer: Tracer;
  readonly chance: Chance;
}
