import { type Logger, pino } from 'pino';
import { z } from 'zod';
import { section } from './config-values.ts';
import { textLine } from './log-text.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** The settings under `log`. */
export const logConfig = section({
  level: z
    .enum(LOG_LEVELS)
    .default('info')
    .meta({ description: 'The least important lines that are logged', env: ['LOG_LEVEL'] }),
  format: z.enum(['auto', 'json', 'text']).default('auto').meta({
    description: 'How log lines are written; auto is text on a terminal and JSON elsewhere',
  }),
});
export type LogConfig = z.output<typeof logConfig>;

/** Where lines go. A process gives its standard output. */
export interface LogDestination {
  write(line: string): unknown;
  readonly isTTY?: boolean;
}

/** Keys whose values are masked wherever they stand near the top of a line. Settings of type secret mask themselves. */
const SECRET_KEYS = ['password', 'token', 'authorization', 'cookie', 'secret'];

/** A logger that writes whole lines, one an event. */
export function createLogger(config: LogConfig, destination: LogDestination): Logger {
  const isText = config.format === 'text' || (config.format === 'auto' && destination.isTTY === true);
  const write = isText
    ? (line: string) => destination.write(textLine(line, destination.isTTY === true))
    : (line: string) => destination.write(line);
  return pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '***' },
    },
    { write },
  );
}
