import { agentProcessConfig } from '@spoor/agent/config';
import { allInOneConfig } from '@spoor/all-in-one/config';
import { collectorProcessConfig } from '@spoor/collector/config';
import { ingesterProcessConfig } from '@spoor/ingester/config';
import { METRICS, type MetricDefinition } from '@spoor/metrics';
import { DISCARD_REASONS, ERROR_CODES } from '@spoor/model';
import { queryProcessConfig } from '@spoor/query/config';
import { configJsonSchema, settingsReference } from '@spoor/service';

const GENERATED = '<!-- Made by `npm run docs` from the code. Change the code, not this page. -->';

/** Processes beside the all-in-one, by the npm script that runs them. */
const PROCESSES = [
  { name: 'agent', schema: agentProcessConfig },
  { name: 'collector', schema: collectorProcessConfig },
  { name: 'ingester', schema: ingesterProcessConfig },
  { name: 'query', schema: queryProcessConfig },
];

/** The pages of `docs/reference`, by file name, made from the tables in the code. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    'configuration.md': configurationPage(),
    'configuration.schema.json': `${JSON.stringify(configJsonSchema(allInOneConfig), null, 2)}\n`,
    ...Object.fromEntries(PROCESSES.flatMap(processPages)),
    'errors.md': errorsPage(),
    'discards.md': discardsPage(),
    'metrics.md': metricsPage(),
  };
}

function configurationPage(): string {
  return page(
    'Configuration',
    'A setting comes from a flag (`--log.level=debug`), from the environment (`SPOOR_LOG_LEVEL=debug`) or from a YAML file',
    'named by `--config` or `SPOOR_CONFIG`. Flags win over the environment, the environment over the file. Unknown settings',
    'are refused. `configuration.schema.json` beside this page is for editors.',
    '',
    '## The all-in-one',
    '',
    settingsReference(allInOneConfig).trimEnd(),
  );
}

function processPages({ name, schema }: (typeof PROCESSES)[number]): [file: string, text: string][] {
  const text = page(
    `Configuration: ${name}`,
    `Of \`npm run ${name}\`. Settings come from where those of the [all-in-one](configuration.md) come from.`,
    `\`configuration-${name}.schema.json\` beside this page is for editors.`,
    '',
    settingsReference(schema).trimEnd(),
  );
  return [
    [`configuration-${name}.md`, text],
    [`configuration-${name}.schema.json`, `${JSON.stringify(configJsonSchema(schema), null, 2)}\n`],
  ];
}

function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { kind, meaning }]) => [`\`${code}\``, kind, meaning]);
  return page(
    'Errors',
    'A *rejected* request is never to be sent again as it is. A *retryable* one may pass later. A *fatal* error ends the process:',
    'the message says what to change.',
    '',
    ...table(['Code', 'Kind', 'Meaning'], rows),
  );
}

function discardsPage(): string {
  const rows = Object.entries(DISCARD_REASONS).map(([reason, meaning]) => [`\`${reason}\``, meaning]);
  return page(
    'Why spans are discarded',
    'Each span that is not stored is counted under one of these reasons, in `spoor_spans_discarded_total` or',
    '`spoor_spans_dead_lettered_total`, and its sender is told.',
    '',
    ...table(['Reason', 'Meaning'], rows),
  );
}

function metricsPage(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(([name, { type, labels, help }]) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ]);
  return page(
    'Metrics',
    'Served at `/metrics` of the admin address, beside those of Node itself. When nothing is under way,',
    'received = stored + discarded + dead-lettered.',
    '',
    ...table(['Name', 'Type', 'Labels', 'Meaning'], rows),
  );
}

function page(title: string, ...lines: readonly string[]): string {
  return `${[`# ${title}`, '', GENERATED, '', ...lines].join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
