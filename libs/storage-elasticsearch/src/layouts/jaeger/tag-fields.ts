import type { Tag } from '@spoor/jaeger';

/** Which tags become fields of `tag` and `process.tag` (CONTRACT §5.2, `tags_as_fields`). */
export interface TagFieldSettings {
  readonly all: boolean;
  readonly include: readonly string[];
  /** One character, which stands for the dots of a key. */
  readonly dotReplacement: string;
}

/** Tags of a list, and those that are fields instead. */
export interface SplitTags {
  readonly list: readonly Tag[];
  readonly fields: readonly Tag[];
}

export interface TagFields {
  /** Without what is in `always`: for processes. */
  split(tags: readonly Tag[], always?: ReadonlySet<string>): SplitTags;
  /** The name of the field within `tag`; `undefined` for keys that never become one. */
  nameOf(key: string): string | undefined;
  keyOf(name: string): string;
}

/** What is a field in every span of the peer's. */
export const ALWAYS_FIELDS: ReadonlySet<string> = new Set(['span.kind', 'error']);
const NONE: ReadonlySet<string> = new Set();

export function createTagFields({ all, include, dotReplacement }: TagFieldSettings): TagFields {
  const included = new Set(include);

  function nameOf(key: string): string | undefined {
    // The key could not be told from one with dots, or the server takes no such name, or takes it for a pattern.
    if (key.includes(dotReplacement) || key.includes('*') || key.trim() === '') return undefined;
    return key.replaceAll('.', dotReplacement);
  }

  return {
    nameOf,
    keyOf: (name) => name.replaceAll(dotReplacement, '.'),
    split(tags, always = NONE) {
      const fields = new Map<string, Tag>();
      for (const tag of tags) {
        const isWanted = all || always.has(tag.key) || included.has(tag.key);
        if (!isWanted || nameOf(tag.key) === undefined) continue;
        // Of several tags with one key the last can be the field, because it comes back last: the last may be what counts.
        if (keepsType(tag)) fields.set(tag.key, tag);
        else fields.delete(tag.key);
      }
      if (fields.size === 0) return { list: tags, fields: [] };
      return {
        list: tags.filter((tag) => fields.get(tag.key) !== tag),
        fields: tags.filter((tag) => fields.get(tag.key) === tag),
      };
    },
  };
}

/** A field has no type beside it: binary would come back as a text, a double like 1.0 as an integer. */
function keepsType({ value }: Tag): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Number.isInteger(value);
  return typeof value !== 'object';
}
