import { prefixed } from '../index-names.ts';
import { METRICS_STEM } from '../metrics/slice-names.ts';
import type { ElasticsearchConfig, LayoutName } from '../settings.ts';
import type { IndexDescription } from './list.ts';

/** Kinds of which there are indices by day or behind aliases, whichever the layout. */
const CLEANED_KINDS = ['span', 'service', 'dependencies', 'sampling'];

/** By date (`periodic`), behind aliases (`rollover`), or those behind the aliases of archived spans (`archive`). */
export type IndexFamily = 'periodic' | 'rollover' | 'archive';

export interface CleaningOptions {
  readonly indexPrefix: string;
  readonly layouts: readonly LayoutName[];
  readonly family: IndexFamily;
  readonly dateSeparator: ElasticsearchConfig['rotation']['dateSeparator'];
  /** What was made before then is expired, whatever the date in its name. */
  readonly beforeMs: number;
}

/** What lists all indices that may be ours, those of data streams too. */
export function indexPatterns(indexPrefix: string, layouts: readonly LayoutName[]): string[] {
  const metrics = `${prefixed(indexPrefix, METRICS_STEM)}-*`;
  const streams = layouts.map((layout) => `${prefixed(indexPrefix, `${layout}.spans`, '.')}*`);
  return [...new Set([...layouts.map((layout) => `${prefixed(indexPrefix, layout)}-*`), ...streams, metrics])];
}

/** CONTRACT §5.7: by their names ours, old enough, and no index that is written to. */
export function expiredIndices(
  indices: readonly IndexDescription[],
  { indexPrefix, layouts, family, dateSeparator, beforeMs }: CleaningOptions,
): IndexDescription[] {
  const stem = family === 'archive' ? 'span-archive' : `(?:${CLEANED_KINDS.join('|')})`;
  const separator = dateSeparator === '.' ? '\\.' : dateSeparator;
  const rest = family === 'periodic' ? `\\d{4}${separator}\\d{2}${separator}\\d{2}(?!\\d)` : '\\d{6,}$';
  const ours = layouts.map((layout) => new RegExp(`^${escaped(prefixed(indexPrefix, layout))}-${stem}-${rest}`));
  // Those are the same in either layout.
  if (family === 'periodic') ours.push(new RegExp(`^${escaped(prefixed(indexPrefix, METRICS_STEM))}-${rest}`));
  return indices.filter(
    ({ name, createdMs, aliases }) =>
      createdMs < beforeMs &&
      ours.some((form) => form.test(name)) &&
      !aliases.some((alias) => alias.endsWith('-write')),
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
