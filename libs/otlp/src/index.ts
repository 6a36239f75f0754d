export { decodeResource, decodeScope, decodeTraces, spanDecoder } from './decode.ts';
export { encodeTraces } from './encode.ts';
