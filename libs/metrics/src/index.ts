export * from './registry.ts';
export * from './table.ts';
