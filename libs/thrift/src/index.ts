export { BinaryReader } from './binary-reader.ts';
export { CompactReader } from './compact-reader.ts';
export { ThriftReader } from './reader.ts';
export { MAX_DEPTH, type MessageHeader, type MessageKind, type ThriftType, TYPES } from './types.ts';
export { binaryProtocol, compactProtocol, type ThriftField, type ThriftProtocol, type ThriftValue } from './writer.ts';
