import { parseArgs } from 'node:util';

export interface Settings {
  /** Base address of an OTLP/HTTP receiver; `/v1/traces` is added. */
  readonly endpoint: string;
  /** Where a person looks; only printed. */
  readonly ui: string;
  /** Visits a second. */
  readonly rate: number;
  /** Ends after this time. Absent: runs until it is told to stop. */
  readonly durationMs?: number;
  /** Ends after this many visits. */
  readonly requests?: number;
}

export const USAGE = `Usage: npm run demo -- [flags]

  --endpoint <url>     where to send the spans, OTLP over HTTP (default http://127.0.0.1:4318)
  --ui <url>           the address of Spoor's user interface, to be printed (default http://127.0.0.1:16686)
  --rate <number>      visits a second (default 3)
  --duration <time>    stop after this time, for instance 30s or 5m (default: run until Ctrl-C)
  --requests <number>  stop after this many visits
  --help`;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${flag} is "${text}"; it takes a number above 0`);
  return value;
}

function milliseconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new Error(`--duration is "${text}"; it takes a number and a unit, for instance 30s or 5m`);
  return positive('duration', match[1] ?? '') * (UNITS_MS[match[2] ?? 's'] ?? 1_000);
}

function url(flag: string, text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new Error(`--${flag} is "${text}"; it takes an address such as http://127.0.0.1:4318`);
  return text.replace(/\/+$/, '');
}

/** Reads the flags. `help` when they ask for it; throws an error with a message for people when they cannot be understood. */
export function readSettings(argv: readonly string[]): Settings | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      endpoint: { type: 'string', default: 'http://127.0.0.1:4318' },
      ui: { type: 'string', default: 'http://127.0.0.1:16686' },
      rate: { type: 'string', default: '3' },
      duration: { type: 'string' },
      requests: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    endpoint: url('endpoint', values.endpoint),
    ui: url('ui', values.ui),
    rate: positive('rate', values.rate),
    ...(values.duration === undefined ? {} : { durationMs: milliseconds(values.duration) }),
    ...(values.requests === undefined ? {} : { requests: Math.ceil(positive('requests', values.requests)) }),
  };
}
