export { type SamplingConfig, type SamplingDefaults, samplingConfig } from './config.ts';
export { samplingMethods } from './methods.ts';
export { addCollectorRoutes } from './routes.ts';
export { createSampling, type Sampling } from './sampling.ts';
