export { type GrpcSettings, grpcLimitsOf, grpcSettings } from './config.ts';
export { createGrpcListener } from './listener.ts';
