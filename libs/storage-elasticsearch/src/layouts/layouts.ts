import type { Clock } from '@spoor/model';
import { createIndexNames, type IndexNames } from '../index-names.ts';
import type { ElasticsearchConfig, LayoutName } from '../settings.ts';
import { createJaegerLayout } from './jaeger/jaeger-layout.ts';
import type { Layout } from './layout.ts';
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

/** Of `readLayouts`, or of the one that is written. */
export function readSources(config: ElasticsearchConfig, clock: Clock): ReadSource[] {
  const names = config.readLayouts.length === 0 ? [config.layout] : [...new Set(config.readLayouts)];
  return names.map((name) => {
    const layout = createLayout(name, config);
    return {
      layout,
      spanNames: createIndexNames(layout.stems.span, config, clock),
      serviceNames: createIndexNames(layout.stems.service, config, clock),
    };
  });
}
