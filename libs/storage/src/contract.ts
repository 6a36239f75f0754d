import { describe } from 'vitest';
import { describeDependencies } from './contract-dependencies.ts';
import { describeModel } from './contract-model.ts';
import { describeNames } from './contract-names.ts';
import { describeOnce } from './contract-once.ts';
import { describePages } from './contract-pages.ts';
import { describeSearch } from './contract-search.ts';
import { describeTenants } from './contract-tenants.ts';
import { describeWriting } from './contract-writing.ts';
import type { DependencyReader } from './dependencies.ts';
import type { SpanReader } from './reader.ts';
import type { SpanWriter } from './writer.ts';

/** A store that is empty when it is opened. */
export interface OpenStore {
  readonly writer: SpanWriter;
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
  /** Closes the store and opens it again with the same data; the fields above are those of the new one. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export type OpenStoreForTest = () => Promise<OpenStore>;

/** The contract of every store: writing, reading, searching. Each store runs all of it. */
export function describeStorage(name: string, { open }: { readonly open: OpenStoreForTest }): void {
  describe(`${name}: storage contract`, () => {
    describeWriting(open);
    describeOnce(open);
    describeSearch(open);
    describePages(open);
    describeNames(open);
    describeTenants(open);
    describeDependencies(open);
    describeModel(open);
  });
}
