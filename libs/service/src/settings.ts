import type { z } from 'zod';
import type { SettingMeta } from './config-values.ts';

export type ValueKind = 'text' | 'number' | 'boolean' | 'list' | 'map';

/** One leaf of a configuration schema, with everything that flags, environment, help and reference need. */
export interface Setting {
  /** `collector.otlp.http.endpoint` */
  readonly path: string;
  readonly keys: readonly string[];
  /** Spoor's own environment name first, then the peer's. */
  readonly environmentNames: readonly [string, ...string[]];
  readonly kind: ValueKind;
  readonly description: string | undefined;
  readonly accepts: string;
  /** As a person would write it; `undefined` when the setting is optional or compulsory. */
  readonly defaultText: string | undefined;
  readonly isSecret: boolean;
}

/** The environment name of a path: `collector.otlp.http.maxBodyBytes` is SPOOR_COLLECTOR_OTLP_HTTP_MAX_BODY_BYTES. */
export function environmentName(keys: readonly string[]): string {
  return ['SPOOR', ...keys.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase())].join('_');
}

/** All settings of a schema, in the order in which it names them. */
export function settingsOf(schema: z.ZodType): readonly Setting[] {
  return collect(schema, []);
}

function collect(schema: z.ZodType, keys: readonly string[]): Setting[] {
  const leaf = unwrap(schema);
  if (leaf.def.type === 'object') {
    return Object.entries(leaf.shape).flatMap(([key, child]) => collect(child, [...keys, key]));
  }
  return [
    {
      path: keys.join('.'),
      keys,
      environmentNames: [environmentName(keys), ...(leaf.meta.env ?? [])],
      kind: kindOf(leaf.def),
      description: leaf.meta.description,
      accepts: leaf.meta.accepts ?? acceptedForm(leaf.def),
      defaultText: leaf.defaultValue === undefined ? undefined : textOf(leaf.defaultValue),
      isSecret: leaf.meta.secret === true,
    },
  ];
}

interface Def {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly element?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly entries?: Record<string, string | number>;
}

interface Leaf {
  readonly def: Def;
  readonly meta: SettingMeta;
  /** Of an object: its keys. Else empty. */
  readonly shape: Readonly<Record<string, z.ZodType>>;
  readonly defaultValue: unknown;
}

/** Goes through defaults, optionals and transforms to the schema of what is written; what stands further out wins. */
function unwrap(schema: z.ZodType): Leaf {
  let meta: SettingMeta = {};
  let defaultValue: unknown;
  let current = schema;
  for (;;) {
    const def = current.def as unknown as Def;
    meta = { ...(current.meta() as SettingMeta | undefined), ...meta };
    if (defaultValue === undefined) defaultValue = def.defaultValue;
    const next = def.innerType ?? (def.type === 'pipe' ? pipeInput(def) : undefined);
    if (next === undefined) {
      const shape = def.type === 'object' ? ((current as z.ZodObject).shape as Record<string, z.ZodType>) : {};
      return { def, meta, defaultValue, shape };
    }
    current = next;
  }
}

function pipeInput(def: Def): z.ZodType | undefined {
  return (def.in?.def as unknown as Def | undefined)?.type === 'transform' ? def.out : def.in;
}

function kindOf(def: Def): ValueKind {
  if (def.type === 'number' || def.type === 'int') return 'number';
  if (def.type === 'boolean') return 'boolean';
  if (def.type === 'array') return 'list';
  return def.type === 'record' ? 'map' : 'text';
}

function acceptedForm(def: Def): string {
  if (def.type === 'enum') return `one of ${Object.values(def.entries ?? {}).join(', ')}`;
  const forms: Record<ValueKind, string> = {
    text: 'text',
    number: 'a number',
    boolean: 'true or false',
    list: 'a list; separated by commas in flags and environment',
    map: 'a map; as JSON in flags and environment',
  };
  return forms[kindOf(def)];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(String).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
