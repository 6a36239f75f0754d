/** One line of a Prometheus text exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metrics {
  readonly samples: readonly Sample[];
  /** The sum of all samples of a name whose labels include these; 0 when there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** Reads the Prometheus text format. Throws on a line that is not of it, because `/metrics` is part of what is tested. */
export function parseMetrics(text: string): Metrics {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/.exec(line);
    if (!match) throw new Error(`not a line of the Prometheus text format: ${line}`);
    const labels: Record<string, string> = {};
    for (const [, key, value] of (match[2] ?? '').matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g))
      labels[key ?? ''] = (value ?? '').replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
    samples.push({ name: match[1] ?? '', labels, value: Number((match[3] ?? '').replace('Inf', 'Infinity')) });
  }
  return {
    samples,
    sum: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name)
        .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
        .reduce((total, sample) => total + sample.value, 0),
  };
}
