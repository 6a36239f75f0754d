export { type AllInOneDependencies, createAllInOne } from './all-in-one.ts';
export { type AllInOneConfig, allInOneConfig } from './config.ts';
