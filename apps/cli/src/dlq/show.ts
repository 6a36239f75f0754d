import type { Span } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
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
    const content = contentOf(letter.value, letter.headers);
    const described = letterJson(letter);
    const lines = [
      `letter    ${operand} of ${context.deadLetterTopic}`,
      `reason    ${printable(letter.reason)}`,
      `message   ${printable(letter.message)}`,
      `time      ${timeText(letter.timeMs)}`,
      `from      ${printable(letter.origin.topic)}, partition ${letter.origin.partition}, offset ${letter.origin.offset}`,
      `spans     ${letter.spanCount}`,
      `bytes     ${letter.value?.length ?? 'none: the record has no value'}`,
      ...(letter.key === null ? [] : [`key       ${printable(Buffer.from(letter.key).toString())}`]),
      ...headers.map(([name, value]) => `header    ${printable(name)}: ${printable(value)}`),
    ];
    const body =
      'spans' in content
        ? table(
            ['TRACE', 'SPAN', 'SERVICE', 'NAME', 'KIND', 'START', 'MS', 'STATUS'],
            content.spans.map((span) => Object.values(span)),
          )
        : [`The value cannot be decoded: ${printable(content.fault)}`, ...hexLines(content.head)].join('\n');
    return {
      json: {
        ...described,
        key: letter.key === null ? null : Buffer.from(letter.key).toString('base64'),
        headers: Object.fromEntries(headers),
        value: letter.value === null ? null : Buffer.from(letter.value).toString('base64'),
        ...('spans' in content ? { spans: content.spans } : { fault: content.fault }),
      },
      text: `${lines.join('\n')}\n\n${body}`,
    };
  },
});

type Content =
  | { readonly spans: readonly ReturnType<typeof spanRow>[] }
  | { readonly fault: string; readonly head: Uint8Array };

function contentOf(value: Uint8Array | null, headers: ReadonlyMap<string, Uint8Array>): Content {
  if (value === null) return { fault: 'there is none', head: new Uint8Array() };
  const head = value.subarray(0, HEAD_BYTES);
  const told = headers.get('spoor-encoding');
  const encoding = told === undefined ? 'otlp_proto' : new TextDecoder().decode(told);
  if (encoding !== 'otlp_proto') return { fault: `its encoding is ${encoding}`, head };
  try {
    const spans = decodeTraces(value).map(spanRow);
    return spans.length === 0 ? { fault: 'it holds no span', head } : { spans };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error), head };
  }
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
