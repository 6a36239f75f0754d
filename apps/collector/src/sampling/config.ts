import { adaptiveConfig, type SamplingFileDefaults, samplingFileConfig } from '@spoor/sampling';
import { listenAddress, section } from '@spoor/service';
import { z } from 'zod';

export interface SamplingDefaults extends SamplingFileDefaults {
  /** Whether strategies are served at addresses of their own, besides those of the receivers. */
  readonly isServed: boolean;
}

/** The settings under `sampling`, with what they are when nobody says otherwise. */
export function samplingConfig({ isServed, ...file }: SamplingDefaults) {
  return section({
    type: z
      .enum(['file', 'adaptive'])
      .default('file')
      .meta({
        description: 'Whether strategies stand in a file, or follow how many traces each operation has',
        env: ['SAMPLING_CONFIG_TYPE'],
      }),
    file: samplingFileConfig(file),
    adaptive: adaptiveConfig,
    http: section({
      enabled: z
        .boolean()
        .default(isServed)
        .meta({ description: 'Whether strategies are served over HTTP at an address of their own' }),
      endpoint: listenAddress()
        .prefault('127.0.0.1:5778')
        .meta({ description: 'Where clients ask for strategies over HTTP', env: ['HTTP_SERVER_HOST_PORT'] }),
    }),
    grpc: section({
      enabled: z
        .boolean()
        .default(isServed)
        .meta({ description: 'Whether strategies are served over gRPC at an address of their own' }),
      endpoint: listenAddress()
        .prefault('127.0.0.1:5779')
        .meta({ description: 'Where clients ask for strategies over gRPC' }),
    }),
  });
}
export type SamplingConfig = z.output<ReturnType<typeof samplingConfig>>;
