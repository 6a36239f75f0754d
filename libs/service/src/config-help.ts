import { z } from 'zod';
import { CONFIG_ENVIRONMENT_NAME, CONFIG_FLAG } from './config-sources.ts';
import { type Setting, settingsOf } from './settings.ts';

/** Whether a person asks for information instead of a run. */
export function informationWanted(argv: readonly string[]): 'help' | 'version' | undefined {
  if (argv.includes('--help') || argv.includes('-h')) return 'help';
  return argv.includes('--version') ? 'version' : undefined;
}

/** What `--help` prints. */
export function helpText(command: string, schema: z.ZodType): string {
  const lines = settingsOf(schema).map((setting) =>
    [
      `  --${setting.path}`,
      `      ${setting.description ?? ''}`,
      `      ${setting.accepts}${setting.defaultText === undefined ? '' : `; default ${setting.defaultText}`}`,
    ].join('\n'),
  );
  return [
    `Usage: ${command} [--setting=value …]`,
    '',
    `Settings come from flags, from the environment (--log.level is SPOOR_LOG_LEVEL) and from a YAML file`,
    `(--${CONFIG_FLAG} or ${CONFIG_ENVIRONMENT_NAME}); flags win over the environment, which wins over the file.`,
    '',
    ...lines,
    '',
  ].join('\n');
}

/** The reference page of a process's settings, as Markdown. */
export function settingsReference(schema: z.ZodType): string {
  return settingsOf(schema).map(referenceEntry).join('\n');
}

function referenceEntry(setting: Setting): string {
  const names = setting.environmentNames.map((name) => `\`${name}\``).join(', ');
  return [
    `### \`${setting.path}\``,
    '',
    `${setting.description ?? ''}.`,
    '',
    `- Accepts: ${setting.accepts}`,
    `- Default: ${setting.defaultText === undefined ? 'none' : `\`${setting.defaultText}\``}`,
    `- Environment: ${names}`,
    '',
  ].join('\n');
}

/** The JSON Schema of the configuration file, for editors. */
export function configJsonSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema['env'];
      delete jsonSchema['accepts'];
      delete jsonSchema['secret'];
    },
  });
}
