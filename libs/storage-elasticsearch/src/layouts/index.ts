export { JsonBuffer } from '../writer/json-buffer.ts';
export type { IndexKind, Layout, SpanEncoder } from './layout.ts';
export { createLayout } from './layouts.ts';
