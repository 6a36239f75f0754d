export * from './attribute-table.ts';
export { attributeText, attributeTextAt, attributeValueAt } from './attribute-text.ts';
export { decodeResource, decodeScope, decodeTraces, spanDecoder } from './decode.ts';
export { encodeTraces } from './encode.ts';
export { DEFAULT_MAX_ATTRIBUTE_DEPTH } from './limits.ts';
export { SpanCursor } from './visit.ts';
