import { subject } from '../command.ts';
import { searchDefinition } from '../indices/search-command.ts';
import { computeDependencies } from './compute.ts';

/** Of the peer's job, beside those that begin with `ES_` (CONTRACT §8.2). */
const JOB_VARIABLES: readonly string[] = ['DATE', 'STORAGE'];

/** As for indices; what the peer's job is told of OpenSearch means the same as of Elasticsearch. */
export const dependenciesSubject = subject({
  ...searchDefinition,
  readsVariable: (name) => searchDefinition.readsVariable(name) || JOB_VARIABLES.includes(name),
  renamed: (name) => name.replace(/^OS_/, 'ES_'),
});

export const dependenciesCommands = { compute: computeDependencies };
