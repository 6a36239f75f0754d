import type { GrpcMethods } from '@spoor/grpc';
import { decodeParameters, encodeStrategy, type SamplingStrategies } from '@spoor/sampling';

/** `jaeger.api_v2.SamplingManager` (CONTRACT §3.2). */
export function samplingMethods(strategies: SamplingStrategies): GrpcMethods {
  return {
    '/jaeger.api_v2.SamplingManager/GetSamplingStrategy': {
      kind: 'unary',
      handle: async (message) => encodeStrategy(await strategies.strategyFor(decodeParameters(message))),
    },
  };
}
