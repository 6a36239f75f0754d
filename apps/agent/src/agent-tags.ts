import type { Tag } from '@spoor/jaeger';
import { SpoorError } from '@spoor/model';

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::(.*))?\}$/;

/**
 * Tags as `key=value`; a value `${NAME}` or `${NAME:default}` is that of the environment (CONTRACT §2.4). One that is nowhere
 * is left out, as the peer does. Throws `SPOOR_INVALID_CONFIGURATION` for a text that is no tag.
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
    const value = reference === null ? given : (env[reference[1]!] ?? reference[2] ?? '');
    return value === '' && reference !== null ? [] : [{ key, value }];
  });
}
