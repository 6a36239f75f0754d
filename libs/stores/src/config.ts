import { section } from '@spoor/service';
import { cassandraSettings } from '@spoor/storage-cassandra/settings';
import { elasticsearchSettings } from '@spoor/storage-elasticsearch/settings';
import { z } from 'zod';
import { embeddedSettings } from './embedded.ts';

/** The stores there are. */
export const STORE_NAMES = ['embedded', 'elasticsearch', 'cassandra'] as const;
export type StoreName = (typeof STORE_NAMES)[number];

/** Those that several processes may have open at once. */
const SHARED_STORE_NAMES = ['elasticsearch', 'cassandra'] as const satisfies readonly StoreName[];
export type SharedStoreName = (typeof SHARED_STORE_NAMES)[number];

/** What the peer means by SPAN_STORAGE_TYPE, where it has a name of its own for it (CONTRACT §11.1). */
const PEER_NAMES = {
  opensearch: 'elasticsearch',
  badger: 'embedded',
  memory: 'embedded',
} as const satisfies Record<string, StoreName>;
type PeerName = keyof typeof PEER_NAMES;

const storeName = z
  .enum([...STORE_NAMES, ...(Object.keys(PEER_NAMES) as PeerName[])])
  .transform((name): StoreName => (name in PEER_NAMES ? PEER_NAMES[name as PeerName] : (name as StoreName)));

const isShared = (name: StoreName): name is SharedStoreName =>
  (SHARED_STORE_NAMES as readonly StoreName[]).includes(name);

const PEER_VARIABLE = ['SPAN_STORAGE_TYPE'];

const sharedSettings = { elasticsearch: elasticsearchSettings, cassandra: cassandraSettings };

/** The settings under `storage`, of a process that may have its store to itself. */
export const storageConfig = section({
  type: storeName.default('embedded').meta({
    description: 'Where spans are stored',
    accepts: `one of ${STORE_NAMES.join(', ')}`,
    env: PEER_VARIABLE,
  }),
  embedded: embeddedSettings,
  ...sharedSettings,
});

/** The settings under `storage`, of a process that shares its store with others. */
export const sharedStorageConfig = section({
  type: storeName
    .refine(
      isShared,
      'the embedded store belongs to one process: run the all-in-one, npm start, which takes spans from Kafka with ' +
        '--spanLog.type=kafka, or set a store that processes share',
    )
    .transform((name) => name as SharedStoreName)
    .meta({
      description: 'Where spans are stored; a store that several processes share',
      accepts: `one of ${SHARED_STORE_NAMES.join(', ')}`,
      env: PEER_VARIABLE,
    }),
  ...sharedSettings,
});

/** The settings under `storage`, of a process that stores no spans: what collectors that sample adaptively share. */
export const samplingStorageConfig = section({
  type: z
    .enum(['none', ...SHARED_STORE_NAMES, 'opensearch'])
    .default('none')
    .transform((name) => (name === 'opensearch' ? 'elasticsearch' : name))
    .meta({
      description: 'Where collectors that sample adaptively tell one another what they see',
      accepts: `one of none, ${SHARED_STORE_NAMES.join(', ')}`,
      env: ['SAMPLING_STORAGE_TYPE'],
    }),
  ...sharedSettings,
});
export type SamplingStorageConfig = z.output<typeof samplingStorageConfig>;

export type StorageConfig = z.output<typeof storageConfig> | z.output<typeof sharedStorageConfig>;
