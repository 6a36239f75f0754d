import type { IndexNames } from '../index-names.ts';
import type { IndexKind, Layout } from '../layouts/layout.ts';
import type { SearchServer } from '../transport/search-server.ts';

/** A layout and where its documents lie. */
export interface ReadLayout {
  readonly layout: Layout;
  readonly names: Readonly<Record<Exclude<IndexKind, 'sampling'>, IndexNames>>;
  /** Those that the names of services and operations are gathered from. */
  readonly indices: { span(): readonly string[]; service(): readonly string[] };
}

/** What all reads share. */
export interface ReadContext {
  readonly server: SearchServer;
  /** At least one. Where a span is in several, the first counts. */
  readonly layouts: readonly ReadLayout[];
  /** As the servers write durations, such as `300000ms`. */
  readonly pageKeepAlive: string;
}
