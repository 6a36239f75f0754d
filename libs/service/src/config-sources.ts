import { parse as parseYaml } from 'yaml';
import { nearMiss } from './near-miss.ts';
import { environmentName, type Setting } from './settings.ts';

/** A setting as one source gave it. */
export interface Assignment {
  readonly setting: Setting;
  readonly value: unknown;
  /** For people: `the flag --log.level`. */
  readonly source: string;
}

/** What one source says, and what is wrong with it. */
export interface SourceReading {
  readonly assignments: readonly Assignment[];
  readonly faults: readonly string[];
}

/** Names the configuration file. It is no setting: it says where settings are. */
export const CONFIG_FLAG = 'config';
export const CONFIG_ENVIRONMENT_NAME = 'SPOOR_CONFIG';

const WORDS = new Set(['help', 'version']);

/** Reads `--path=value`, `--path value` and, for switches, `--path`. A list flag given again adds to the list. */
export function readFlags(argv: readonly string[], settings: readonly Setting[]): SourceReading & { file?: string } {
  const byPath = new Map(settings.map((setting) => [setting.path, setting]));
  const given = new Map<string, Assignment>();
  const faults: string[] = [];
  let file: string | undefined;
  for (let i = 0; i < argv.length; i += 1) {
    const argument = argv[i] ?? '';
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(argument);
    if (match === null) {
      faults.push(`${argument} is not a flag; flags are written --setting=value`);
      continue;
    }
    const name = match[1] ?? '';
    if (WORDS.has(name)) continue;
    const setting = byPath.get(name);
    const next = argv[i + 1];
    const takesNext = match[2] === undefined && next !== undefined && !next.startsWith('--');
    let text = match[2];
    if (setting?.kind === 'boolean') {
      if (takesNext && /^(true|false)$/.test(next)) text = argv[(i += 1)];
      text ??= 'true';
    } else if (takesNext) {
      text = argv[(i += 1)];
    }
    if (setting === undefined && name !== CONFIG_FLAG) {
      faults.push(`--${name} is not a setting${suggestion(name, byPath.keys(), '--')}`);
    } else if (text === undefined) {
      faults.push(`--${name} needs a value${setting === undefined ? ', the path of a file' : `: ${setting.accepts}`}`);
    } else if (setting === undefined) {
      file = text;
    } else {
      const value = valueFromText(setting, text);
      const before = given.get(name)?.value;
      const added = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
      given.set(name, { setting, value: added, source: `the flag --${name}` });
    }
  }
  return { assignments: [...given.values()], faults, ...(file === undefined ? {} : { file }) };
}

/** Reads `SPOOR_…` names and the peer's names; an empty value counts as absent. Spoor's names win. */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly Setting[],
): SourceReading {
  const assignments: Assignment[] = [];
  for (const setting of settings) {
    const name = setting.environmentNames.find((candidate) => (env[candidate] ?? '') !== '');
    if (name === undefined) continue;
    assignments.push({
      setting,
      value: valueFromText(setting, env[name] ?? ''),
      source: `the environment variable ${name}`,
    });
  }
  const known = new Set<string>([CONFIG_ENVIRONMENT_NAME, ...settings.map(({ keys }) => environmentName(keys))]);
  const faults = Object.keys(env)
    .filter((name) => name.startsWith('SPOOR_') && !known.has(name) && !isServiceLink(name, env[name] ?? ''))
    .map((name) => `the environment variable ${name} is not a setting${suggestion(name, known, '')}`);
  return { assignments, faults };
}

/** Kubernetes tells every container of a namespace about services; one named spoor-… begins its variables as Spoor does. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name)) return true;
  return /_PORT$/.test(name) ? /^(tcp|udp|sctp):\/\//.test(value) : /_PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?$/.test(name);
}

/** Reads a YAML document (and so JSON). Only keys of the schema are ever looked up. */
export function readDocument(text: string, name: string, settings: readonly Setting[]): SourceReading {
  const source = `the file ${name}`;
  let document: unknown;
  try {
    document = parseYaml(text, { maxAliasCount: 100 });
  } catch (error) {
    return { assignments: [], faults: [`${source} is not YAML: ${(error as Error).message.split('\n')[0]}`] };
  }
  const assignments: Assignment[] = [];
  const faults: string[] = [];
  const byPath = new Map(settings.map((setting) => [setting.path, setting]));
  const visit = (value: unknown, keys: readonly string[]): void => {
    const path = keys.join('.');
    const setting = byPath.get(path);
    if (setting !== undefined) {
      if (value !== null && value !== undefined) assignments.push({ setting, value, source });
      return;
    }
    const inside = settings.filter(({ keys: own }) => keys.every((key, i) => own[i] === key));
    if (inside.length === 0) {
      const siblings = settings
        .filter(({ keys: own }) => keys.slice(0, -1).every((key, i) => own[i] === key))
        .map(({ keys: own }) => own.slice(0, keys.length).join('.'));
      faults.push(`${path} in ${source} is not a setting${suggestion(path, new Set(siblings), '')}`);
    } else if (value !== null && value !== undefined) {
      if (typeof value === 'object' && !Array.isArray(value)) {
        for (const [key, child] of Object.entries(value)) visit(child, [...keys, key]);
      } else {
        faults.push(`${path === '' ? source : `${path} in ${source}`} must be a map of settings`);
      }
    }
  };
  visit(document, []);
  return { assignments, faults };
}

function suggestion(given: string, candidates: Iterable<string>, prefix: string): string {
  const near = nearMiss(given, candidates);
  return near === undefined ? '; --help lists all settings' : `; did you mean ${prefix}${near}?`;
}

/** What a text from a flag or the environment stands for. What does not fit stays text, and validation names it. */
function valueFromText(setting: Setting, text: string): unknown {
  const trimmed = text.trim();
  if (setting.kind === 'number') return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
  if (setting.kind === 'boolean') return trimmed === 'true' ? true : trimmed === 'false' ? false : text;
  if (setting.kind === 'map' || (setting.kind === 'list' && trimmed.startsWith('['))) {
    try {
      return JSON.parse(trimmed);
    } catch {
      return text;
    }
  }
  if (setting.kind === 'list') return trimmed === '' ? [] : trimmed.split(',').map((item) => item.trim());
  return text;
}
