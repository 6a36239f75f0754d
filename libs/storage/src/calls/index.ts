export * from './count-calls.ts';
export * from './day.ts';
export * from './dependency-counts.ts';
