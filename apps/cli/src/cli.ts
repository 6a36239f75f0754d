import { classify } from '@spoor/model';
import { helpText, informationWanted, loadConfig } from '@spoor/service';
import { parse as parseYaml } from 'yaml';
import { type Command, type Opened, type Subject, schemaOf, UsageError } from './command.ts';
import { dependenciesCommands, dependenciesSubject } from './dependencies/index.ts';
import { dlqCommands } from './dlq/index.ts';
import { indicesCommands, searchSubject } from './indices/index.ts';
import { kafkaSubject } from './kafka-command.ts';
import { schemaCommands, schemaSubject } from './schema/index.ts';
import { topicsCommands } from './topics/index.ts';

/** What the command line is given by its `main.ts`. */
export interface CliHost {
  readonly version: string;
  /** The arguments only. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly readFile: (path: string) => string;
  readonly nowMs: () => number;
}

interface Group {
  readonly summary: string;
  readonly commands: Readonly<Record<string, Command>>;
  readonly subject: Subject;
}

const GROUPS: Readonly<Record<string, Group>> = {
  dlq: { summary: 'Dead letters: records that could not be stored', commands: dlqCommands, subject: kafkaSubject },
  topics: {
    summary: 'The topics of the spans and of the dead letters',
    commands: topicsCommands,
    subject: kafkaSubject,
  },
  indices: {
    summary: 'The indices of Elasticsearch and OpenSearch',
    commands: indicesCommands,
    subject: searchSubject,
  },
  dependencies: {
    summary: 'Calls between services, counted by days',
    commands: dependenciesCommands,
    subject: dependenciesSubject,
  },
  schema: { summary: 'The keyspace of Cassandra', commands: schemaCommands, subject: schemaSubject },
};

/** Runs one command and says with which code to exit: 0 done, 1 a fault or a finding, 2 wrong usage. */
export async function runCli(host: CliHost): Promise<0 | 1 | 2> {
  const words = host.argv.slice(
    0,
    indexOrEnd(host.argv, (word) => word.startsWith('-')),
  );
  const flags = host.argv.slice(words.length);
  const wanted = informationWanted(flags);
  const [groupName, commandName, ...operands] = words;
  if (wanted === 'version') return said(host, `spoor ${host.version}\n`);
  if (groupName === undefined) return wanted === 'help' ? said(host, overview()) : misused(host, overview());
  const group = Object.hasOwn(GROUPS, groupName) ? GROUPS[groupName] : undefined;
  if (group === undefined) return misused(host, `there is no group ${groupName}\n\n${overview()}`);
  if (commandName === undefined)
    return wanted === 'help' ? said(host, groupHelp(groupName, group)) : misused(host, groupHelp(groupName, group));
  const found = Object.hasOwn(group.commands, commandName) ? group.commands[commandName] : undefined;
  if (found === undefined)
    return misused(host, `${groupName} has no command ${commandName}\n\n${groupHelp(groupName, group)}`);
  const schema = schemaOf(found.flags, group.subject.settings);
  if (wanted === 'help') {
    const usage = `spoor ${groupName} ${commandName}${found.operands === undefined ? '' : ` ${found.operands}`}`;
    return said(host, `${found.summary}\n\n${helpText(usage, schema)}`);
  }
  if (found.operands === undefined && operands.length > 0)
    return misused(host, `spoor ${groupName} ${commandName} takes flags only, not ${operands[0]}\n`);
  return run(host, found, group.subject, flags, operands);
}

async function run(
  host: CliHost,
  { flags: shape, run: execute }: Command,
  { settings, readsVariable, renamed, partOf, flagsOf, open }: Subject,
  argv: readonly string[],
  operands: readonly string[],
): Promise<0 | 1 | 2> {
  let opened: Opened<unknown> | undefined;
  try {
    // A command's own flags are taken from the environment only where its group says so.
    const env = Object.entries(host.env)
      .map(([name, value]) => [renamed?.(name) ?? name, value] as const)
      .filter(([name]) => readsVariable(name) || name === 'SPOOR_CONFIG');
    const { json, ...given } = loadConfig({
      schema: schemaOf(shape, settings),
      argv: flagsOf?.(argv) ?? argv,
      env: Object.fromEntries(env),
      readFile: (path) => partOfFile(host.readFile(path), partOf),
    }) as { json: boolean } & Record<string, unknown>;
    opened = open(given, { operands, nowMs: host.nowMs });
    const result = await execute(given, opened.context as never);
    host.print(json ? `${JSON.stringify(result.json, null, 2)}\n` : `${result.text.trimEnd()}\n`);
    return result.exitCode ?? 0;
  } catch (error) {
    if (error instanceof UsageError) return misused(host, `${error.message}\n`);
    const { code, message } = classify(error);
    host.printError(`${code}: ${message}\n`);
    return code === 'SPOOR_INVALID_CONFIGURATION' ? 2 : 1;
  } finally {
    await opened?.close();
  }
}

function partOfFile(text: string, partOf: Subject['partOf']): string {
  try {
    const document: unknown = parseYaml(text, { maxAliasCount: 100 });
    return typeof document === 'object' && document !== null ? JSON.stringify(partOf({ ...document })) : text;
  } catch {
    // The loader says what is wrong with it.
    return text;
  }
}

function overview(): string {
  const lines = Object.entries(GROUPS).flatMap(([name, { summary, commands }]) => [
    '',
    `${name}: ${summary}`,
    ...summaries(commands).map((line) => line.replace(/^ {2}/, `  spoor ${name} `)),
  ]);
  return `${['Usage: spoor <group> <command> [--flag=value …]', ...lines, '', 'Each takes --help and --json.'].join('\n')}\n`;
}

function groupHelp(name: string, { summary, commands }: Group): string {
  return `Usage: spoor ${name} <command> [--flag=value …]\n\n${summary}\n\n${summaries(commands).join('\n')}\n`;
}

function summaries(commands: Group['commands']): string[] {
  return Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
}

function said(host: CliHost, text: string): 0 {
  host.print(text);
  return 0;
}

function misused(host: CliHost, text: string): 2 {
  host.printError(text);
  return 2;
}

function indexOrEnd<T>(items: readonly T[], is: (item: T) => boolean): number {
  const index = items.findIndex(is);
  return index < 0 ? items.length : index;
}
