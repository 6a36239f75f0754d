export { type QueryConfig, queryConfig } from './config.ts';
export { createQuery, type Query, type QueryDependencies } from './query.ts';
