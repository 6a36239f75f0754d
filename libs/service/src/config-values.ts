import { z } from 'zod';
import { Secret } from './secret.ts';

/** What a setting's schema may say of it, through `.meta()`. `description` is compulsory. */
export interface SettingMeta {
  readonly description?: string;
  /** The peer's environment names of the same meaning (CONTRACT §11.1). Spoor's own name wins over them. */
  readonly env?: readonly string[];
  /** The accepted form, as a person would say it. */
  readonly accepts?: string;
  /** Masked wherever it is shown. */
  readonly secret?: boolean;
}

const MS_PER_UNIT: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a text such as `1h30m`; `undefined` when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (MS_PER_UNIT[unit ?? ''] ?? 0);
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}

const BYTES_PER_UNIT: Record<string, number> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of a text such as `4MiB`; `undefined` when it is not a size. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?((?:[KMGT]i?)?B)?$/.exec(text);
  if (match === null) return undefined;
  const bytes = Math.round(Number(match[1]) * (BYTES_PER_UNIT[match[2] ?? ''] ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Where a listener listens. Port 0 is any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `[::1]:port` and `:port` (all IPv4 addresses of the machine, as the peer has it). */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port > 65_535) return undefined;
  return { host: match[1] ?? (match[2] === '' || match[2] === undefined ? '0.0.0.0' : match[2]), port };
}

export function formatAddress(address: ListenAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** `host:port` to {@link ListenAddress}. */
export function listenAddress() {
  return parsed('host:port, such as 127.0.0.1:4318; port 0 is any free one', z.string(), parseListenAddress);
}

/** A duration as people write it, to milliseconds. Give the default with `.prefault('5s')`. */
export function duration() {
  return parsed('a duration, such as 200ms, 5s, 1h30m or 2d', z.string(), parseDuration);
}

/** A size as people write it, to bytes. Give the default with `.prefault('4MiB')`. */
export function byteSize() {
  return parsed('a size, such as 512KB, 4MiB or plain bytes', z.union([z.string(), z.number()]), (value) =>
    parseByteSize(String(value)),
  );
}

/** Text that is never printed. */
export function secret() {
  return z
    .string()
    .transform((value) => new Secret(value))
    .meta({ accepts: 'text', secret: true });
}

/** Headers that a request carries, whose values are never printed: one of them may be a token. {@link revealed} gives them away. */
export function secretHeaders() {
  return z
    .record(z.string(), secret())
    .default({})
    .meta({ accepts: 'a map; as JSON in flags and environment', secret: true });
}

/** The values of {@link secretHeaders}. */
export function revealed(headers: Readonly<Record<string, Secret>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}

/** A share between 0 and 1. */
export function ratio() {
  return z.number().min(0).max(1).meta({ accepts: 'a number from 0 to 1' });
}

/** Settings that belong together under one key; the key may be left out when each of them has a default. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape).prefault({} as never);
}

function parsed<Input extends z.ZodType<string | number, string | number>, Output>(
  accepts: string,
  input: Input,
  parse: (value: z.output<Input>) => Output | undefined,
) {
  return input
    .transform((value, context): Output => {
      const output = parse(value as z.output<Input>);
      if (output !== undefined) return output;
      context.addIssue({ code: 'custom', message: `is not ${accepts}`, input: value });
      return z.NEVER;
    })
    .meta({ accepts });
}
