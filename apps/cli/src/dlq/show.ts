import { SPAN_CODECS } from '@spoor/encodings';
import type { Rejection, Span } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { encodingOf, type KafkaDeadLetter, readRecord } from '@spoor/span-log';
import { UsageError } from '../command.ts';
import { command } from '../kafka-command.ts';
import { printable, table, timeText } from '../table.ts';
import { letterAt, letterJson, placeOf } from './letters.ts';

const HEAD_BYTES = 256;

export const showLetter = command({
  summary: 'Shows one letter: why it is there, where it came from, and what it holds',
  operands: '<partition>/<offset>',
  flags: {},
  async run(_flags, context) {
    const [operand, ...more] = context.operands;
    if (operand === undefined || more.length > 0) throw new UsageError('spoor dlq show takes one <partition>/<offset>');
    const letter = await letterAt(context, placeOf(operand));
    const headers = [...letter.headers].map(([name, value]) => [name, new TextDecoder().decode(value)] as const);
    const encoding = encodingOf(letter, context.kafka.encoding);
    const content = contentOf(letter, context.kafka.encoding);
    const described = letterJson(letter);
    const lines = [
      `letter    ${operand} of ${context.deadLetterTopic}`,
      `reason    ${printable(letter.reason)}`,
      `message   ${printable(letter.message)}`,
      `time      ${timeText(letter.timeMs)}`,
      `from      ${printable(letter.origin.topic)}, partition ${letter.origin.partition}, offset ${letter.origin.offset}`,
      `spans     ${letter.spanCount}`,
      `encoding  ${printable(encoding)}, as ${letter.headers.has('spoor-encoding') ? 'the record tells' : 'kafka.encoding says'}`,
      `bytes     ${letter.value?.length ?? 'none: the record has no value'}`,
      ...(letter.key === null ? [] : [`key       ${printable(Buffer.from(letter.key).toString())}`]),
      ...headers.map(([name, value]) => `header    ${printable(name)}: ${printable(value)}`),
    ];
    const body = 'fault' in content ? undecoded(content) : decoded(content);
    return {
      json: {
        ...described,
        key: letter.key === null ? null : Buffer.from(letter.key).toString('base64'),
        headers: Object.fromEntries(headers),
        value: letter.value === null ? null : Buffer.from(letter.value).toString('base64'),
        encoding,
        ...('fault' in content ? { fault: content.fault } : content),
      },
      text: `${lines.join('\n')}\n\n${body}`,
    };
  },
});

interface Decoded {
  readonly spans: readonly ReturnType<typeof spanRow>[];
  /** Of the record's spans, those that its encoding can say and OTLP cannot. */
  readonly rejected: readonly Rejection[];
}

interface Undecoded {
  readonly fault: string;
  readonly head: Uint8Array;
}

/** Read as the ingesters read it (CONTRACT §4): what the record tells of its encoding counts more than the setting. */
function contentOf(letter: KafkaDeadLetter, encodingOfTopic: string): Decoded | Undecoded {
  const head = (letter.value ?? new Uint8Array()).subarray(0, HEAD_BYTES);
  const read = readRecord(
    { ...letter, timestampMs: letter.timeMs },
    { encoding: encodingOfTopic, codecs: SPAN_CODECS },
  );
  if (!('record' in read)) return { fault: read.message, head };
  try {
    const spans = decodeTraces(read.record.bytes).map(spanRow);
    const { rejected } = read;
    return spans.length + rejected.length === 0 ? { fault: 'it holds no span', head } : { spans, rejected };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error), head };
  }
}

function decoded({ spans, rejected }: Decoded): string {
  const rows = spans.map((span) => Object.values(span));
  const columns = ['TRACE', 'SPAN', 'SERVICE', 'NAME', 'KIND', 'START', 'MS', 'STATUS'];
  return [
    ...(rows.length === 0 ? [] : [table(columns, rows)]),
    ...rejected.map(({ message, spanCount }) => `Not shown: ${spanCount} of its spans, ${printable(message)}`),
  ].join('\n');
}

function undecoded({ fault, head }: Undecoded): string {
  return [`The value cannot be decoded: ${printable(fault)}`, ...hexLines(head)].join('\n');
}

function spanRow(span: Span) {
  const service = span.resource.attributes.find(({ key }) => key === 'service.name')?.value;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    service: typeof service === 'string' ? service : '',
    name: span.name,
    kind: span.kind,
    start: startText(span.startTimeUnixNano),
    durationMs: Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6,
    status: span.status.code,
  };
}

/** A letter may hold any number: those that no date can show stay numbers. */
function startText(unixNano: bigint): string {
  const ms = Number(unixNano / 1_000_000n);
  return ms <= 8.64e15 ? timeText(ms) : `${unixNano} ns`;
}

/** Sixteen bytes a line, as hexadecimal digits and as text. */
function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = Buffer.from(bytes.subarray(at, at + 16));
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines;
}
