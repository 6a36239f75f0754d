import type { Tag } from '@spoor/jaeger';
import { SpoorError } from '@spoor/model';

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::(.*))?\}$/;

/**
 * Tags as `key=value`; a value `${NAME}` or `${NAME:default}` is that of the environment (CONTRACT §2.4). A variable that is
 * empty is as one that is not set. Without a default such a tag is left out; the default may be empty, and then the value is,
 * as the peer does. Throws `SPOOR_INVALID_CONFIGURATION` for a text that is no tag.
 */
export function agentTagsOf(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly Tag[] {
  return texts.flatMap((text) => {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(at, 0)).trim();
    if (key === '')
      throw new SpoorError('SPOOR_INVALID_CONFIGURATION', `agent.tags has ${JSON.stringify(text)}; write key=value`);
    const given = text.slice(at + 1).trim();
    const reference = REFERENCE.exec(given);
    if (reference === null) return [{ key, value: given }];
    const [, name = '', byDefault] = reference;
    const value = env[name] || byDefault;
    return value === undefined ? [] : [{ key, value }];
  });
}
