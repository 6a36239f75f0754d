export { logOf, processTagsOf, referencesOf, SAMPLED_FLAG, tagsOfSpan } from './from-span.ts';
export { decodeJaegerSpanJson } from './json-decode.ts';
export { encodeJaegerSpanJson } from './json-encode.ts';
export type { SpanLimits } from './malformed.ts';
export type { Log, Reference, Tag } from './message.ts';
export { decodeJaegerBatch, decodeJaegerSpan } from './proto-decode.ts';
export { encodeJaegerSpan } from './proto-encode.ts';
export { WARNINGS_KEY, warningsOf, warningsOfSpan } from './warnings.ts';
