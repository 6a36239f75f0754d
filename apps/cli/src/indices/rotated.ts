import { prefixed, type Rotated } from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { PEER_VARIABLES, type SearchContext } from './search-command.ts';

/** Which kinds of documents a command about aliases is about. */
export const kindFlags = {
  'skip-dependencies': z
    .boolean()
    .default(false)
    .meta({ description: 'Leaves the dependencies alone', env: [PEER_VARIABLES['skip-dependencies']] }),
  'adaptive-sampling': z
    .boolean()
    .default(false)
    .meta({ description: 'Also the samplings', env: [PEER_VARIABLES['adaptive-sampling']] }),
};

export interface KindFlags {
  readonly 'skip-dependencies': boolean;
  readonly 'adaptive-sampling': boolean;
}

/** The aliases that a command is about, as the peer's tool picks them (CONTRACT §5.7). */
export function rotatedKinds(flags: KindFlags, { config, layout, isArchive }: SearchContext): Rotated[] {
  const kinds = isArchive
    ? ['span-archive']
    : [
        'span',
        'service',
        ...(flags['skip-dependencies'] ? [] : ['dependencies']),
        ...(flags['adaptive-sampling'] ? ['sampling'] : []),
      ];
  return kinds.map((kind) => {
    const base = prefixed(config.indexPrefix, `${layout ?? config.layout}-${kind}`);
    return { base, readAlias: `${base}-read`, writeAlias: `${base}-write` };
  });
}
