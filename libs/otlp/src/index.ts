export * from './attribute-table.ts';
export { attributeText, attributeTextAt, attributeValueAt } from './attribute-text.ts';
export { decodeResource, decodeScope, decodeTraces, spanDecoder } from './decode.ts';
export { encodeTraces } from './encode.ts';
export { DEFAULT_MAX_ATTRIBUTE_DEPTH, DEFAULT_MAX_FUTURE_MS, DEFAULT_MAX_SPAN_BYTES } from './limits.ts';
export type { ScanOptions, ScanResult, SpanFault, SpanFaults } from './scan.ts';
export { partitionOfTraceIdAt, scanTraces } from './scan.ts';
export type { PartitionBytes } from './split.ts';
export { SpanCursor } from './visit.ts';
