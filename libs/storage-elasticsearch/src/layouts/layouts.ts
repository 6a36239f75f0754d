import type { Clock } from '@spoor/model';
import { createIndexNames, type IndexNameSettings, type IndexNames } from '../index-names.ts';
import type { ElasticsearchConfig, LayoutName, RotationType } from '../settings.ts';
import { createJaegerLayout } from './jaeger/jaeger-layout.ts';
import { withTagFile } from './jaeger/tag-file.ts';
import type { IndexKind, Layout } from './layout.ts';
import { createSpoorLayout } from './spoor/spoor-layout.ts';

/** A layout and where its documents lie: what a reader reads, one beside the other. */
export interface ReadSource {
  readonly layout: Layout;
  readonly spanNames: IndexNames;
  readonly serviceNames: IndexNames;
}

export function createLayout(name: LayoutName, config: ElasticsearchConfig): Layout {
  const isStream = config.rotation.type === 'data_stream';
  return name === 'spoor'
    ? createSpoorLayout({ isStream })
    : createJaegerLayout(withTagFile(config.tagsAsFields), { isStream });
}

/** The settings that names of indices are made of. */
export type LayoutPlace = Pick<IndexNameSettings, 'indexPrefix' | 'oldestSpanAge' | 'remoteClusters'> & {
  readonly rotation: IndexNameSettings['rotation'] &
    Pick<ElasticsearchConfig['rotation'], 'serviceFrequency' | 'samplingFrequency'>;
};

/**
 * The settings with which a layout is read. Indices by date and those behind aliases are looked for whatever is written, so that
 * none is lost from sight when the rotation changes, or when a Jaeger has another one; those that are not there cost nothing. A
 * data stream is not looked for unasked, because a login may not be allowed to.
 */
export function readSettings<Config extends ElasticsearchConfig>(name: LayoutName, config: Config) {
  const { rotations, indexPrefix = config.indexPrefix, dateSeparator } = config.reading[name];
  const { type } = config.rotation;
  const usual: readonly RotationType[] = ['periodic', 'alias', ...(type === 'data_stream' ? [type] : [])];
  const read = rotations.length === 0 ? usual : rotations;
  const rotation = { ...config.rotation, dateSeparator: dateSeparator ?? config.rotation.dateSeparator, read };
  return { ...config, indexPrefix, rotation };
}

/**
 * Every form of name under which documents of the kind may lie in a layout that is written or read: by date or number, and of a
 * data stream. For what looks after indices.
 */
export function keptNames(layout: Layout, kind: IndexKind, config: ElasticsearchConfig, clock: Clock): IndexNames[] {
  const read = readSettings(layout.name, config);
  const places = [read, ...(layout.name === config.layout ? [config] : [])];
  const all = places.flatMap(({ indexPrefix, rotation }) => {
    const types: RotationType[] = read.rotation.read.includes('data_stream')
      ? ['periodic', 'data_stream']
      : ['periodic'];
    return types.map((type) => ({ ...config, indexPrefix, rotation: { ...rotation, type } }));
  });
  const names = all.map((one) => ({
    names: createIndexNames(layout.stems[kind], one, clock),
    separator: one.rotation.dateSeparator,
  }));
  const keyed = names.map((one) => [`${one.names.pattern} ${one.separator}`, one.names] as const);
  return [...new Map(keyed).values()];
}

/** Where the documents of a kind lie in the layout. Each kind has a frequency of its own, as in the peer (CONTRACT §11.1). */
export function indexNamesOf(
  layout: Pick<Layout, 'stems'>,
  kind: Exclude<IndexKind, 'dependencies'>,
  config: LayoutPlace,
  clock: Clock,
): IndexNames {
  const { frequency, serviceFrequency, samplingFrequency } = config.rotation;
  const ofKind = { span: frequency, service: serviceFrequency, sampling: samplingFrequency }[kind];
  const settings = { ...config, rotation: { ...config.rotation, frequency: ofKind } };
  return createIndexNames(layout.stems[kind], settings, clock);
}

/** Of `readLayouts`, or of the one that is written. */
export function readSources(config: ElasticsearchConfig, clock: Clock): ReadSource[] {
  const names = config.readLayouts.length === 0 ? [config.layout] : [...new Set(config.readLayouts)];
  return names.map((name) => {
    const layout = createLayout(name, config);
    const place = readSettings(name, config);
    return {
      layout,
      spanNames: indexNamesOf(layout, 'span', place, clock),
      serviceNames: indexNamesOf(layout, 'service', place, clock),
    };
  });
}
