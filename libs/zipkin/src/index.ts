export { decodeZipkinV1Json } from './v1/json-decode.ts';
export { decodeZipkinThrift, readZipkinThrift } from './v1/thrift-decode.ts';
export { decodeZipkinJson } from './v2/json-decode.ts';
export { encodeZipkinJson } from './v2/json-encode.ts';
export { decodeZipkinProto } from './v2/proto-decode.ts';
export { encodeZipkinProto } from './v2/proto-encode.ts';
