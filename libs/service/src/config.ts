import { SpoorError } from '@spoor/model';
import type { z } from 'zod';
import {
  type Assignment,
  CONFIG_ENVIRONMENT_NAME,
  readDocument,
  readEnvironment,
  readFlags,
  type SourceReading,
} from './config-sources.ts';
import { type Setting, settingsOf } from './settings.ts';

export interface LoadConfigOptions<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** The arguments only, without the program's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the configuration file; throws when it cannot. */
  readonly readFile: (path: string) => string;
}

/**
 * The configuration of a process: flags win over the environment, which wins over the file, which wins over defaults.
 * Throws one `SPOOR_INVALID_CONFIGURATION` that names every fault with its path, its source and the accepted form.
 */
export function loadConfig<Schema extends z.ZodType>(options: LoadConfigOptions<Schema>): z.output<Schema> {
  const settings = settingsOf(options.schema);
  const flags = readFlags(options.argv, settings);
  const environment = readEnvironment(options.env, settings);
  const file = flags.file ?? options.env[CONFIG_ENVIRONMENT_NAME];
  const document = file === undefined || file === '' ? NOTHING : readConfigFile(file, options.readFile, settings);

  const given = new Map<string, Assignment>();
  for (const reading of [document, environment, flags]) {
    for (const assignment of reading.assignments) given.set(assignment.setting.path, assignment);
  }
  const faults = [...document.faults, ...environment.faults, ...flags.faults];
  const result = options.schema.safeParse(treeOf(given.values()));
  if (!result.success) faults.push(...result.error.issues.map((issue) => faultOf(issue, settings, given)));
  if (result.success && faults.length === 0) return result.data;
  throw new SpoorError('SPOOR_INVALID_CONFIGURATION', reportOf(faults));
}

const NOTHING: SourceReading = { assignments: [], faults: [] };

function readConfigFile(path: string, readFile: (path: string) => string, settings: readonly Setting[]): SourceReading {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return { assignments: [], faults: [`the file ${path} cannot be read: ${(error as Error).message}`] };
  }
  return readDocument(text, path, settings);
}

function treeOf(assignments: Iterable<Assignment>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { setting, value } of assignments) {
    let at = root;
    for (const key of setting.keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    at[setting.keys.at(-1) ?? ''] = value;
  }
  return root;
}

function faultOf(
  issue: z.core.$ZodIssue,
  settings: readonly Setting[],
  given: ReadonlyMap<string, Assignment>,
): string {
  const path = issue.path.map(String);
  const setting = settings.find(({ keys }) => keys.every((key, i) => path[i] === key));
  if (setting === undefined) return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`;
  const assignment = given.get(setting.path);
  if (assignment === undefined) {
    return `${setting.path} is missing; give it as --${setting.path} or ${setting.environmentNames[0]}: ${setting.accepts}`;
  }
  const value = setting.isSecret ? '***' : shortened(withoutLogins(JSON.stringify(assignment.value)));
  const detail = /^Invalid (input|option)|^is not /.test(issue.message) ? '' : ` (${issue.message})`;
  return `${path.join('.')} from ${assignment.source} is ${value}, which is not ${setting.accepts}${detail}`;
}

/** What stands before the last `@` of URLs may be a password, whatever is in it. */
function withoutLogins(text: string): string {
  return text.replace(/:\/\/.*@/s, '://***@');
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

function reportOf(faults: readonly string[]): string {
  if (faults.length === 1) return `the configuration is wrong: ${faults[0]}`;
  return `the configuration is wrong in ${faults.length} places:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`;
}
