import { ratio, secretHeaders, section } from '@spoor/service';
import { z } from 'zod';

/** The settings under `tracing`, of every process. */
export const tracingConfig = section({
  enabled: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether this process reports its own work as traces, over OTLP' }),
  sampler: z
    .string()
    .default('parentbased_always_on')
    .meta({
      description:
        'With always_off nothing is reported, whatever tracing.enabled says; the other names that OpenTelemetry has change nothing',
      env: ['OTEL_TRACES_SAMPLER'],
    }),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description:
        'Where the traces go, OTLP over HTTP; without it the all-in-one takes them itself, and others send to http://127.0.0.1:4318/v1/traces',
      accepts: 'an http(s) address with its path',
    }),
  headers: secretHeaders().meta({
    description: 'Headers that each export carries, such as one that names the tenant, or a token',
  }),
  queryRatio: ratio()
    .default(1)
    .meta({ description: 'The share of queries that is traced; one that comes with a trace is traced when that is' }),
  requestRatio: ratio()
    .default(0.001)
    .meta({ description: 'The share of requests with spans that is traced on their way to the log' }),
  deliveryRatio: ratio()
    .default(0.01)
    .meta({ description: 'The share of deliveries from the log to the storage that is traced' }),
});
export type TracingConfig = z.output<typeof tracingConfig>;
