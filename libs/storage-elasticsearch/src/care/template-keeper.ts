import type { Logger } from 'pino';
import type { Counter } from 'prom-client';
import type { IndexNames } from '../index-names.ts';
import { ask } from '../indices/ask.ts';
import type { IndexKind, Layout, TemplateContent, TemplateSettings } from '../layouts/layout.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import type { ServerVersion } from '../transport/server-version.ts';

/** Grows when a template changes, so that of several versions of Spoor the newest one has its way. */
const TEMPLATE_VERSION = 1;

export interface WantedTemplate {
  /** Of the template, and what the names of its indices begin with. */
  readonly base: string;
  readonly content: TemplateContent;
  /** Of a data stream of that name, not of indices whose names begin so. */
  readonly isStream: boolean;
  /** Where it is not that of the keeper's other templates. */
  readonly priority?: number;
  /** Aliases that every new index gets. */
  readonly aliases?: Readonly<Record<string, object>>;
}

/** The templates of the kinds that are written. `namesOf` gives the name with prefix. */
export function wantedTemplates(
  layout: Layout,
  settings: TemplateSettings,
  namesOf: (kind: IndexKind) => Pick<IndexNames, 'base' | 'isStream'>,
  kinds: readonly IndexKind[],
): WantedTemplate[] {
  return kinds.flatMap((kind) => {
    const content = layout.template(kind, settings);
    const { base, isStream } = namesOf(kind);
    return content === undefined ? [] : [{ base, isStream, content }];
  });
}

type PrioritySettings = Pick<
  ElasticsearchConfig,
  'templatePriority' | 'serviceTemplatePriority' | 'dependenciesTemplatePriority'
>;

export function templatePriorityOf(kind: IndexKind, settings: PrioritySettings): number {
  const { templatePriority, serviceTemplatePriority, dependenciesTemplatePriority } = settings;
  const own = { service: serviceTemplatePriority, dependencies: dependenciesTemplatePriority };
  return (kind === 'service' || kind === 'dependencies' ? own[kind] : undefined) ?? templatePriority;
}

/**
 * With the life-cycle policy of the servers that rolls its indices over; the policy is the operator's. New indices get the read
 * alias from the template, because it is not Spoor that makes them.
 */
export function withPolicy(
  { base, isStream, content, ...rest }: WantedTemplate,
  policy: string,
  flavour: ServerVersion['flavour'],
): WantedTemplate {
  const alias = `${base}-write`;
  const { index } = content.settings as { readonly index?: object };
  // OpenSearch finds the policy by the patterns that the policy itself names, and wants to know the alias.
  const lifeCycle =
    flavour === 'opensearch'
      ? { ...(isStream ? {} : { 'plugins.index_state_management.rollover_alias': alias }) }
      : { 'lifecycle.name': policy, ...(isStream ? {} : { 'lifecycle.rollover_alias': alias }) };
  const settings = { ...content.settings, index: { ...index, ...lifeCycle } };
  return {
    ...rest,
    base,
    isStream,
    content: { ...content, settings },
    ...(isStream ? {} : { aliases: { [`${base}-read`]: {} } }),
  };
}

export interface TemplateKeeperDependencies {
  readonly server: SearchServer;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly puts: Pick<Counter, 'inc'>;
}

interface StoredTemplate {
  readonly version?: number;
  readonly priority?: number;
  readonly template?: { readonly settings?: object; readonly mappings?: object; readonly aliases?: object };
}

/**
 * Keeps the composable templates as they must be: without them an index would be made with mappings guessed from its first
 * document. All supported servers have them (Elasticsearch from 7.8 on); they win over those of old that a Jaeger puts.
 */
export class TemplateKeeper {
  private readonly wanted: (version: ServerVersion) => readonly WantedTemplate[];
  private readonly priority: number;
  private readonly deps: TemplateKeeperDependencies;

  constructor(
    wanted: (version: ServerVersion) => readonly WantedTemplate[],
    priority: number,
    deps: TemplateKeeperDependencies,
  ) {
    this.wanted = wanted;
    this.priority = priority;
    this.deps = deps;
  }

  /** Puts what is missing or different. Idempotent. Throws what `ask` throws. */
  async ensure(signal: AbortSignal): Promise<void> {
    const version = await this.deps.server.version(signal);
    for (const template of this.wanted(version)) await this.ensureOne(template, signal);
  }

  private async ensureOne(
    { base, isStream = false, content, aliases = {}, priority = this.priority }: WantedTemplate,
    signal: AbortSignal,
  ): Promise<void> {
    const { server, logger, puts } = this.deps;
    const path = `/_index_template/${encodeURIComponent(base)}`;
    const answer = await ask(server, { method: 'GET', path, expected: [404], signal });
    const stored =
      answer.status === 404
        ? undefined
        : (answer.json as { index_templates?: { index_template: StoredTemplate }[] }).index_templates?.[0]
            ?.index_template;
    if (stored !== undefined) {
      const wanted = { ...content, aliases };
      if (meaningOf(stored.template ?? {}) === meaningOf(wanted) && stored.priority === priority) return;
      if ((stored.version ?? 0) > TEMPLATE_VERSION) {
        logger.warn({ template: base }, 'an index template is of a newer version and left alone');
        return;
      }
      logger.warn({ template: base }, 'an index template is not as it must be and is put again');
    }
    await ask(server, {
      method: 'PUT',
      path,
      json: {
        index_patterns: [isStream ? base : `${base}-*`],
        ...(isStream ? { data_stream: {} } : {}),
        priority,
        version: TEMPLATE_VERSION,
        template: Object.keys(aliases).length === 0 ? content : { ...content, aliases },
        _meta: {
          description: 'kept by Spoor; set storage.elasticsearch.* instead of editing it',
        },
      },
      signal,
    });
    puts.inc();
    logger.info({ template: base }, 'put an index template');
  }
}

/** What the content means, as text: servers give numbers back as text, and settings nested or flat. */
function meaningOf(content: {
  readonly settings?: object;
  readonly mappings?: object;
  readonly aliases?: object;
}): string {
  const { settings = {}, mappings = {}, aliases = {} } = content;
  const names = Object.keys(aliases).map((alias) => `alias=${alias}`);
  const facts = [...factsOf(settings, 'settings'), ...factsOf(mappings, 'mappings'), ...names].sort();
  return facts.join('\n');
}

function factsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}=${String(value)}`];
  if (Array.isArray(value)) return value.flatMap((one, i) => factsOf(one, `${path}.${i}`));
  const entries = Object.entries(value);
  return entries.length === 0 ? [] : entries.flatMap(([key, one]) => factsOf(one, `${path}.${key}`));
}
