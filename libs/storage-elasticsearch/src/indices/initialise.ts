import {
  TemplateKeeper,
  templatePriorityOf,
  type WantedTemplate,
  wantedTemplates,
  withPolicy,
} from '../care/template-keeper.ts';
import { createIndexNames, prefixed } from '../index-names.ts';
import type { IndexKind, TemplateSettings } from '../layouts/layout.ts';
import { createLayout } from '../layouts/layouts.ts';
import { metricsTemplate } from '../metrics/slice-template.ts';
import { type ElasticsearchConfig, LAYOUT_NAMES, type LayoutName } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import type { ServerVersion } from '../transport/server-version.ts';
import { createFirstIndex, type Rotated } from './aliases.ts';
import { createPolicy, demandPolicy } from './life-cycle.ts';

/** Kinds of indices that have aliases; the archive's hold spans as well. */
export type RotatedKind = IndexKind | 'archive';

export interface TemplateOptions {
  readonly config: ElasticsearchConfig;
  readonly layout: LayoutName;
  /** Of the index templates, where it is not that of the settings. */
  readonly priorities?: Partial<Readonly<Record<RotatedKind, number>>>;
  /** The servers' life-cycle policy that rolls the indices over. */
  readonly policy: string | undefined;
  readonly signal: AbortSignal;
}

export interface InitialiseOptions extends TemplateOptions {
  readonly kinds: readonly RotatedKind[];
  /** Makes the policy where there is none of that name; else it must be there. */
  readonly createPolicy: boolean;
}

/** Names of what is behind aliases (CONTRACT §5.1). */
export function rotatedNames(
  { indexPrefix }: Pick<ElasticsearchConfig, 'indexPrefix'>,
  layout: LayoutName,
  kind: RotatedKind,
): Rotated {
  const base = prefixed(indexPrefix, `${layout}-${kind === 'archive' ? 'span-archive' : kind}`);
  return { base, readAlias: `${base}-read`, writeAlias: `${base}-write` };
}

/**
 * Puts the index templates, and makes the first indices with their aliases, as far as they are missing; of a data stream the
 * template only. Idempotent. Gives the names in the order of the kinds. Throws `SPOOR_INVALID_CONFIGURATION` when the policy does not exist.
 */
export async function initialiseAliases(server: SearchServer, options: InitialiseOptions): Promise<Rotated[]> {
  const { config, kinds, policy, signal } = options;
  if (policy !== undefined && options.createPolicy) {
    const patterns = kinds.map((kind) => `${rotatedNames(config, options.layout, kind).base}-*`);
    const streams = LAYOUT_NAMES.map((layout) => prefixed(config.indexPrefix, `${layout}.spans`, '.'));
    await createPolicy(server, { config, name: policy, patterns: [...patterns, ...streams], signal });
  } else if (policy !== undefined) await demandPolicy(server, policy, signal);
  if (config.rotation.type === 'data_stream') return [await initialiseStream(server, options)];
  const all: Rotated[] = [];
  for (const kind of kinds) {
    const rotated = rotatedNames(config, options.layout, kind);
    await putTemplate(server, kind, options);
    // A policy of the servers rolls over only an index that is marked.
    await createFirstIndex(server, rotated, { markWriteIndex: policy !== undefined, signal });
    all.push(rotated);
  }
  // No index of metrics is behind an alias, but each needs the template.
  if (kinds.includes('span'))
    await keepTemplates(server, config.templatePriority, () => [metricsTemplate(config)], signal);
  return all;
}

/** The template is all that a data stream needs; other kinds have indices by date, whose templates the processes put. */
async function initialiseStream(server: SearchServer, options: InitialiseOptions): Promise<Rotated> {
  const { config, policy, signal } = options;
  const layout = createLayout(options.layout, config);
  const { base } = createIndexNames(layout.stems.span, config, { nowMs: Date.now });
  const wanted = ({ flavour }: ServerVersion) => {
    const templates = wantedTemplates(layout, templateSettings(config), () => ({ base, isStream: true }), ['span']);
    return policy === undefined ? templates : templates.map((one) => withPolicy(one, policy, flavour));
  };
  await keepTemplates(server, priorityOf('span', options), wanted, signal);
  return { base, readAlias: base, writeAlias: base };
}

/** Puts the template of one kind where it is missing or different. Idempotent. Throws what `ask` throws. */
export async function putTemplate(server: SearchServer, kind: RotatedKind, options: TemplateOptions): Promise<void> {
  const wanted = ({ flavour }: ServerVersion) => templatesOf(kind, options, flavour);
  await keepTemplates(server, priorityOf(kind, options), wanted, options.signal);
}

async function keepTemplates(
  server: SearchServer,
  priority: number,
  wanted: (version: ServerVersion) => WantedTemplate[],
  signal: AbortSignal,
): Promise<void> {
  const silent = { info: () => undefined, warn: () => undefined };
  await new TemplateKeeper(wanted, priority, { server, logger: silent, puts: { inc: () => undefined } }).ensure(signal);
}

export interface PrintedTemplateOptions extends Omit<TemplateOptions, 'signal'> {
  readonly version: Pick<ServerVersion, 'flavour' | 'major'>;
}

/** The body with which an operator may put the template of a kind: a composable one, or before Elasticsearch 8 one of old. */
export function printedTemplate(
  kind: RotatedKind | 'metrics',
  { version, ...options }: PrintedTemplateOptions,
): object {
  const wanted: WantedTemplate =
    kind === 'metrics' ? metricsTemplate(options.config) : templatesOf(kind, options, version.flavour)[0]!;
  const { base, content, aliases } = wanted;
  const template = { ...content, ...(aliases === undefined ? {} : { aliases }) };
  const priority = kind === 'metrics' ? options.config.templatePriority : priorityOf(kind, options);
  if (version.flavour === 'elasticsearch' && version.major < 8)
    return { index_patterns: [`${base}-*`], order: priority, ...template };
  return { index_patterns: [`${base}-*`], priority, template };
}

function templatesOf(
  kind: RotatedKind,
  { config, layout: name, policy }: Pick<TemplateOptions, 'config' | 'layout' | 'policy'>,
  flavour: ServerVersion['flavour'],
): WantedTemplate[] {
  const { base } = rotatedNames(config, name, kind);
  const settings = templateSettings(config);
  const content = kind === 'archive' ? 'span' : kind;
  const templates = wantedTemplates(createLayout(name, config), settings, () => ({ base, isStream: false }), [content]);
  return policy === undefined ? templates : templates.map((one) => withPolicy(one, policy, flavour));
}

function templateSettings({ shards, replicas, refreshInterval }: ElasticsearchConfig): TemplateSettings {
  return { shards, replicas, refreshIntervalMs: refreshInterval };
}

/** The pattern of the spans is also that of the archive: of two templates the one with the higher priority counts. */
function priorityOf(kind: RotatedKind, { config, priorities }: Pick<TemplateOptions, 'config' | 'priorities'>): number {
  return (
    priorities?.[kind] ??
    (kind === 'archive' ? templatePriorityOf('span', config) + 1 : templatePriorityOf(kind, config))
  );
}
