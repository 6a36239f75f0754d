import type { V1Annotation, V1BinaryAnnotation, V1Span } from './message.ts';

/** What a duration is that nobody told, and one that would be negative. */
const SHORTEST_MICROS = 1n;
const NO_PARENT = '0'.repeat(16);

/** Fills in and corrects what clients of old leave out or get wrong, in the peer's order (CONTRACT §2.5, pre-sanitisers). */
export function sanitiseV1(span: V1Span): V1Span {
  return withSoundErrors(withSoundParent(withDuration(withStart(span))));
}

/** `cs` tells when a span began; `sr` does for one without a parent. */
function withStart(span: V1Span): V1Span {
  if (span.timestampMicros !== undefined) return span;
  const sent = find(span, 'cs');
  const received = span.parentId === undefined ? span.annotations.findLast(({ value }) => value === 'sr') : undefined;
  const start = sent ?? received;
  return start === undefined ? span : { ...span, timestampMicros: start.timestampMicros };
}

function withDuration(span: V1Span): V1Span {
  const { durationMicros, annotations } = span;
  if (durationMicros !== undefined) {
    if (durationMicros >= 0n) return span;
    const told = { key: 'errNegativeDuration', value: String(durationMicros), endpoint: undefined };
    return { ...span, durationMicros: SHORTEST_MICROS, binaryAnnotations: [...span.binaryAnnotations, told] };
  }
  if (annotations.length < 2) return { ...span, durationMicros: SHORTEST_MICROS };
  const first = (annotations.findLast(({ value }) => value === 'cs') ?? annotations[0]!).timestampMicros;
  const last = (annotations.findLast(({ value }) => value === 'cr') ?? annotations.at(-1)!).timestampMicros;
  if (first >= last) return { ...span, durationMicros: SHORTEST_MICROS };
  return { ...span, durationMicros: last - first, timestampMicros: span.timestampMicros ?? first };
}

function withSoundParent(span: V1Span): V1Span {
  if (span.parentId !== NO_PARENT) return span;
  const told = { key: 'errZeroParentID', value: '0', endpoint: undefined };
  return { ...span, parentId: undefined, binaryAnnotations: [...span.binaryAnnotations, told] };
}

/** An error is yes or no; what else it says becomes its message. */
function withSoundErrors(span: V1Span): V1Span {
  const messages: V1BinaryAnnotation[] = [];
  const binaryAnnotations = span.binaryAnnotations.map((annotation) => {
    const { key, value, endpoint } = annotation;
    if (typeof key !== 'string' || key.toLowerCase() !== 'error' || typeof value === 'boolean') return annotation;
    const text = typeof value === 'string' ? value.toLowerCase() : undefined;
    const isEmpty = text === '' || (value instanceof Uint8Array && value.length === 0);
    if (!isEmpty && text !== 'true' && text !== 'false') messages.push({ key: 'error.message', value, endpoint });
    return { ...annotation, value: text !== 'false' };
  });
  return { ...span, binaryAnnotations: [...binaryAnnotations, ...messages] };
}

export function find({ annotations }: V1Span, value: string): V1Annotation | undefined {
  return annotations.find((annotation) => annotation.value === value);
}
