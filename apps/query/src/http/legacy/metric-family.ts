import type { Series } from '../../service-metrics/sliding-window.ts';

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  /** Milliseconds since the Unix epoch, one for each value of a series. */
  readonly pointsMs: readonly number[];
  readonly series: readonly Series[];
}

/** The JSON of protobuf's `MetricFamily`, a series a piece (CONTRACT §7.4). */
export async function* metricFamilyText({ name, help, pointsMs, series }: MetricFamily): AsyncGenerator<string> {
  const ends = pointsMs.map((pointMs) => `},"timestamp":"${timestampText(pointMs)}"}`);
  yield `{"name":${JSON.stringify(name)},"type":"GAUGE","help":${JSON.stringify(help)},"metrics":[`;
  let separator = '';
  for (const one of series) {
    yield `${separator}{"labels":${labelsText(one)},"metricPoints":[${pointsText(one.values, ends)}]}`;
    separator = ',';
  }
  yield ']}';
}

function labelsText({ service, operation }: Series): string {
  const labels = [{ name: 'service_name', value: service }];
  if (operation !== undefined) labels.push({ name: 'operation', value: operation });
  return JSON.stringify(labels);
}

function pointsText(values: Float64Array, ends: readonly string[]): string {
  let text = '';
  for (let at = 0; at < values.length; at += 1)
    text += `${at === 0 ? '' : ','}{"gaugeValue":{"doubleValue":${doubleText(values[at]!)}${ends[at]}`;
  return text;
}

/** Protobuf's JSON has `"NaN"`, `"Infinity"` and `"-Infinity"` for what JSON has no number for. */
function doubleText(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** As protobuf's JSON writes it: with a fraction only where there is one. */
function timestampText(unixMs: number): string {
  return new Date(unixMs).toISOString().replace('.000Z', 'Z');
}
