/**
 * Finds a trace id in what people paste: bare hex with or without its leading zeros, a UUID, a W3C `traceparent`,
 * a Jaeger `uber-trace-id`, an address of a trace page, a log line with `trace_id=…`. Lower case, or `undefined`.
 */
export function findTraceId(text: string): string | undefined {
  const trimmed = text.trim().toLowerCase();
  const forms = [
    /\/trace\/([0-9a-f]{1,32})(?![0-9a-f])/,
    /\b[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}\b/,
    /trace[-_.]?id["']?\s*[=:]\s*["']?([0-9a-f]{1,32})(?![0-9a-f])/,
    /^([0-9a-f]{1,32}):[0-9a-f]{1,16}:[0-9a-f]{1,16}:[0-9a-f]{1,2}$/,
    /^(?:0x)?([0-9a-f]{1,32})$/,
    /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/,
    /(?<![0-9a-f])([0-9a-f]{32})(?![0-9a-f])/,
  ];
  for (const form of forms) {
    const id = form.exec(trimmed)?.[1]?.replaceAll('-', '');
    if (id !== undefined && !/^0+$/.test(id)) return id;
  }
  return undefined;
}
