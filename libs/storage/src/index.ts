export * from './archive.ts';
export * from './decimal.ts';
export * from './dependencies.ts';
export * from './page-token.ts';
export * from './reader.ts';
export * from './sampling.ts';
export * from './storage.ts';
export * from './writer.ts';
