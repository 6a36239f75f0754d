import type { Clock } from '@spoor/model';
import { datedNames, type TimeSpan } from './dated-names.ts';
import type { ElasticsearchConfig, RotationType } from './settings.ts';

export type { TimeSpan } from './dated-names.ts';

/** Of kinds that may be one, by the stem of their indices (CONTRACT §5.1). */
const DATA_STREAMS: Readonly<Record<string, string>> = { 'jaeger-span': 'jaeger.spans', 'spoor-span': 'spoor.spans' };

/** Where the documents of one kind lie (CONTRACT §5.1). */
export interface IndexNames {
  /** Prefix and stem, such as `prod-spoor-span`; of a data stream its name. */
  readonly base: string;
  readonly isStream: boolean;
  /** The index, or the write alias, of a document of that time. Few different ones, whatever the times. */
  forWriting(unixMs: number): string;
  /**
   * Names and patterns that together hold all documents of the range, or all there are. Some may not exist: reads say
   * `ignore_unavailable=true`. Those of remote clusters are among them.
   */
  forReading(range?: TimeSpan): readonly string[];
  /** A pattern of the indices themselves, for lists and templates. It may match those of a longer stem: see `periodOf`. */
  readonly pattern: string;
  /** What a periodic index holds by its name; `undefined` when it is not one of these indices. */
  periodOf(index: string): TimeSpan | undefined;
  /** The number of an index behind an alias or a stream, such as 1 of `spoor-span-000001`; `undefined` when it is none. */
  numberOf(index: string): number | undefined;
  readonly writeAlias: string;
  readonly readAlias: string;
}

export type IndexNameSettings = Pick<ElasticsearchConfig, 'indexPrefix' | 'oldestSpanAge' | 'remoteClusters'> & {
  readonly rotation: Pick<ElasticsearchConfig['rotation'], 'type' | 'frequency' | 'dateSeparator'> & {
    /** What is read, one beside the other. Default: what is written. */
    readonly read?: readonly RotationType[];
  };
};

/** A trailing dash of the prefix is not doubled; data streams have a dot in its place (CONTRACT §5.1). */
export function prefixed(prefix: string, stem: string, joint: '-' | '.' = '-'): string {
  return prefix === '' ? stem : `${prefix.replace(/-$/, '')}${joint}${stem}`;
}

/** `stem` is the name without prefix and date, such as `spoor-span`. Kinds without a data stream of their own are periodic then. */
export function createIndexNames(stem: string, settings: IndexNameSettings, clock: Clock): IndexNames {
  const { indexPrefix, rotation, remoteClusters } = settings;
  const base = prefixed(indexPrefix, stem);
  const streamStem = DATA_STREAMS[stem];
  const stream = streamStem === undefined ? undefined : prefixed(indexPrefix, streamStem, '.');
  const [writeAlias, readAlias] = [`${base}-write`, `${base}-read`];
  const dates = datedNames(base, settings, clock);
  const { read = [rotation.type] } = rotation;
  const readsDates = read.some((type) => type === 'periodic' || (type === 'data_stream' && stream === undefined));
  const readsStream = stream !== undefined && read.includes('data_stream');

  function forReading(range?: TimeSpan): readonly string[] {
    const names = [
      ...(readsDates ? dates.forReading(range) : []),
      ...(read.includes('alias') ? [readAlias] : []),
      ...(readsStream ? [stream] : []),
    ];
    return [...names, ...remoteClusters.flatMap((cluster) => names.map((name) => `${cluster}:${name}`))];
  }

  if (stream !== undefined && rotation.type === 'data_stream') return streamNames(stream, forReading);
  return {
    base,
    isStream: false,
    writeAlias,
    readAlias,
    pattern: `${base}-*`,
    forWriting: (unixMs) => (rotation.type === 'alias' ? writeAlias : dates.forWriting(unixMs)),
    forReading,
    periodOf: (index) => dates.periodOf(index),
    numberOf: (index) =>
      index.startsWith(`${base}-`) ? numberIn(/^(\d{6,})$/.exec(index.slice(base.length + 1))) : undefined,
  };
}

function streamNames(base: string, forReading: IndexNames['forReading']): IndexNames {
  // Elasticsearch has the day in it.
  const backing = new RegExp(`^\\.ds-${RegExp.escape(base)}-(?:\\d{4}\\.\\d{2}\\.\\d{2}-)?(\\d{6,})$`);
  return {
    base,
    isStream: true,
    // A name that is not there would be a fault, a pattern is none.
    pattern: `${base}*`,
    writeAlias: base,
    readAlias: base,
    forWriting: () => base,
    forReading,
    periodOf: () => undefined,
    numberOf: (index) => numberIn(backing.exec(index)),
  };
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match[1]);
}
