import { section } from '@spoor/service';
import { z } from 'zod';
import { embeddedSettings } from './embedded.ts';

/** The stores there are. */
export const STORE_NAMES = ['embedded'] as const;
export type StoreName = (typeof STORE_NAMES)[number];

/** What the peer calls them in SPAN_STORAGE_TYPE (CONTRACT §11.1), where it means something else or more by it. */
const PEER_NAMES = { badger: 'embedded', memory: 'embedded' } as const satisfies Record<string, StoreName>;

const storeName = z
  .enum([...STORE_NAMES, ...(Object.keys(PEER_NAMES) as (keyof typeof PEER_NAMES)[])])
  .transform(
    (name): StoreName => (name in PEER_NAMES ? PEER_NAMES[name as keyof typeof PEER_NAMES] : (name as StoreName)),
  );

/** The settings under `storage`, of a process that may have its store to itself. */
export const storageConfig = section({
  type: storeName.default('embedded').meta({
    description: 'Where spans are stored',
    accepts: `one of ${STORE_NAMES.join(', ')}`,
    env: ['SPAN_STORAGE_TYPE'],
  }),
  embedded: embeddedSettings,
});
export type StorageConfig = z.output<typeof storageConfig>;
