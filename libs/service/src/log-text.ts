const COLORS: Record<string, number> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 31 };

interface LoggedError {
  readonly message?: string;
  readonly stack?: string;
}

/** A JSON log line as people read it: time, level, message, the other fields, and an error's stack below. */
export function textLine(json: string, colored: boolean): string {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return json;
  }
  const { time, level, msg, err, ...fields } = line;
  const label = String(level).toUpperCase().padEnd(5);
  const parts = [
    String(time).slice(11, 23),
    colored ? `\u001b[${COLORS[String(level)] ?? 0}m${label}\u001b[0m` : label,
    ...(msg === undefined ? [] : [printable(String(msg))]),
    ...Object.entries(fields).map(([key, value]) => `${printable(key)}=${fieldText(value)}`),
  ];
  const error = err as LoggedError | undefined;
  const stack =
    error === undefined ? '' : `\n${printable(error.stack ?? error.message ?? JSON.stringify(error), '\n')}`;
  return `${parts.join(' ')}${stack}\n`;
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) ? printable(value) : printable(JSON.stringify(value));
}

/** Without control characters, which a terminal would obey: text in logs may come from outside. */
function printable(text: string, except = ''): string {
  return text.replace(/\p{Cc}/gu, (character) => (character === except ? character : ' '));
}
