import { type Rotated, type RotatedKind, rotatedNames } from '@spoor/storage-elasticsearch';
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

/** The kinds that a command is about, as the peer's tool picks them (CONTRACT §5.7). */
export function rotatedKinds(flags: KindFlags, { isArchive }: Pick<SearchContext, 'isArchive'>): RotatedKind[] {
  if (isArchive) return ['archive'];
  return [
    'span',
    'service',
    ...(flags['skip-dependencies'] ? [] : (['dependencies'] as const)),
    ...(flags['adaptive-sampling'] ? (['sampling'] as const) : []),
  ];
}

/** The aliases of these kinds. */
export function rotatedOf(flags: KindFlags, context: SearchContext): Rotated[] {
  const { config, layout } = context;
  return rotatedKinds(flags, context).map((kind) => rotatedNames(config, layout ?? config.layout, kind));
}
