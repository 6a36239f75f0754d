export * from './span-log.ts';
