export * from './bytes-in-flight.ts';
export * from './grpc.ts';
export * from './http.ts';
export * from './intake.ts';
export * from './metrics.ts';
