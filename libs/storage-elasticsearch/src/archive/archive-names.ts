import type { IndexNames } from '../index-names.ts';
import { rotatedNames } from '../indices/initialise.ts';
import type { ElasticsearchConfig, LayoutName } from '../settings.ts';

/** One index for all times, or the aliases of numbered ones (CONTRACT §5.1). Nothing that looks after indices knows them. */
export function createArchiveNames(config: ElasticsearchConfig, layout: LayoutName): IndexNames {
  const names = rotatedNames(config, layout, 'archive');
  const isRotated = config.rotation.type === 'alias';
  const read = isRotated ? names.readAlias : names.base;
  const everywhere = [read, ...config.remoteClusters.map((cluster) => `${cluster}:${read}`)];
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
