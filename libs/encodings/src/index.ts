export type { DecodedSpans, EncodedSpans, SpanCodec } from './codec.ts';
export { SPAN_CODECS } from './codecs.ts';
export { type DetectableEncoding, detectEncoding } from './detect.ts';
