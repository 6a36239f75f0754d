import type { OperationProbability, OperationThroughput } from '@spoor/storage';

/** The rows that the peer writes into text columns (CONTRACT §3.4), as Go's encoding/csv has them. */
export function throughputCsv(rows: readonly OperationThroughput[]): string {
  return csv(
    rows.map(({ service, operation, count, probabilities }) => [
      service,
      operation,
      String(count),
      probabilities.join(','),
    ]),
  );
}

export function throughputOfCsv(text: string): OperationThroughput[] {
  return recordsOf(text).flatMap(([service = '', operation = '', count = '', probabilities = '', ...more]) => {
    if (!/^\d{1,15}$/.test(count) || more.length > 0) return [];
    const some = probabilities === '' ? [] : probabilities.split(',');
    return [{ service, operation, count: Number(count), probabilities: some }];
  });
}

export function probabilitiesCsv(rows: readonly OperationProbability[]): string {
  return csv(
    rows.map(({ service, operation, probability, qps }) => [service, operation, String(probability), String(qps)]),
  );
}

export function probabilitiesOfCsv(text: string): OperationProbability[] {
  return recordsOf(text).flatMap(([service = '', operation = '', probability = '', qps = '', ...more]) => {
    const numbers = [probability, qps].map((number) => (number === '' ? Number.NaN : Number(number)));
    if (more.length > 0 || !numbers.every(Number.isFinite)) return [];
    return [{ service, operation, probability: numbers[0] ?? 0, qps: numbers[1] ?? 0 }];
  });
}

function csv(records: readonly (readonly string[])[]): string {
  return records.map((fields) => `${fields.map(field).join(',')}\n`).join('');
}

function field(text: string): string {
  const isPlain = text !== '\\.' && !/["\r\n,]|^[\s\u0085\u00a0]/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/** Records of fields, quoted or not. One that is broken is left out, up to the end of its line. */
function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  for (let at = 0; at < text.length; ) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) {
      const lineEnd = text.indexOf('\n', at);
      at = lineEnd < 0 ? text.length : lineEnd + 1;
      fields = [];
      continue;
    }
    const [whole, quoted, plain = '', end] = match;
    at += whole.length;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',' && at < text.length) continue;
    if (end === ',') fields.push('');
    if (fields.length > 1 || fields[0] !== '') records.push(fields);
    fields = [];
  }
  return records;
}
