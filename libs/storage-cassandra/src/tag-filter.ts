import type { TagIndexConfig } from './config.ts';

/** Whether tags of a key are indexed. */
export function tagFilter({ include, exclude }: Pick<TagIndexConfig, 'include' | 'exclude'>): (key: string) => boolean {
  const [only, never] = [new Set(include), new Set(exclude)];
  return (key) => (only.size === 0 || only.has(key)) && !never.has(key);
}
