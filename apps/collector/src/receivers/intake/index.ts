export * from './bytes-in-flight.ts';
export * from './intake.ts';
export * from './metrics.ts';
