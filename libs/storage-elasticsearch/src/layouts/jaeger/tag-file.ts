import { readFileSync } from 'node:fs';
import { SpoorError } from '@spoor/model';
import type { TagFieldSettings } from './tag-fields.ts';

/**
 * The settings with the tags of the file among those that are included: one a line, as the peer has it (CONTRACT §11.1, with
 * empty lines left out). The file is read when the process starts. Throws `SPOOR_INVALID_CONFIGURATION`.
 */
export function withTagFile(
  settings: TagFieldSettings & { readonly configFile?: string | undefined },
): TagFieldSettings {
  const { configFile, include } = settings;
  if (configFile === undefined) return settings;
  let text: string;
  try {
    text = readFileSync(configFile, 'utf8');
  } catch (cause) {
    throw new SpoorError(
      'SPOOR_INVALID_CONFIGURATION',
      `storage.elasticsearch.tagsAsFields.configFile cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const tags = text.split('\n').map((line) => line.trim());
  return { ...settings, include: [...include, ...tags.filter((tag) => tag !== '')] };
}
