import type { Clock } from '@spoor/model';
import { createIndexNames, type IndexNames } from '../index-names.ts';
import type { ElasticsearchConfig, LayoutName } from '../settings.ts';
import { createJaegerLayout } from './jaeger/jaeger-layout.ts';
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
  return name === 'spoor' ? createSpoorLayout({ isStream }) : createJaegerLayout(config.tagsAsFields, { isStream });
}

/** Where the documents of a kind lie in the layout. Each kind has a frequency of its own, as in the peer (CONTRACT §11.1). */
export function indexNamesOf(
  layout: Pick<Layout, 'stems'>,
  kind: Exclude<IndexKind, 'dependencies'>,
  config: ElasticsearchConfig,
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
    return {
      layout,
      spanNames: indexNamesOf(layout, 'span', config, clock),
      serviceNames: indexNamesOf(layout, 'service', config, clock),
    };
  });
}
