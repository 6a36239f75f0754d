import type { IndexNames } from '../index-names.ts';
import { rotatedNames } from '../indices/initialise.ts';
import { readSettings } from '../layouts/layouts.ts';
import type { ElasticsearchConfig, LayoutName } from '../settings.ts';

/** One index for all times, or the aliases of numbered ones, of which both are read (CONTRACT §5.1). Nothing that looks after indices knows them. */
export function createArchiveNames(config: ElasticsearchConfig, layout: LayoutName): IndexNames {
  const { indexPrefix, rotation } = readSettings(layout, config);
  const readable = rotatedNames({ indexPrefix }, layout, 'archive');
  const names = rotatedNames(config, layout, 'archive');
  const isRotated = config.rotation.type === 'alias';
  // There is no data stream of them.
  const isSingle = rotation.read.some((type) => type !== 'alias');
  const here = [...(isSingle ? [readable.base] : []), ...(rotation.read.includes('alias') ? [readable.readAlias] : [])];
  const everywhere = [...here, ...config.remoteClusters.flatMap((cluster) => here.map((name) => `${cluster}:${name}`))];
  return {
    ...names,
    isStream: false,
    pattern: `${names.base}*`,
    forWriting: () => (isRotated ? names.writeAlias : names.base),
    forReading: () => everywhere,
    periodOf: () => undefined,
    numberOf: () => undefined,
  };
}
