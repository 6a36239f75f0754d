/** The types of Thrift fields and elements, by the numbers of the binary protocol. */
export const TYPES = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;
export type ThriftType = (typeof TYPES)[keyof typeof TYPES];

export const MESSAGE_KINDS = ['call', 'reply', 'exception', 'oneway'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What stands before the arguments of a call. */
export interface MessageHeader {
  readonly name: string;
  readonly kind: MessageKind;
}

/** Structs, lists, sets and maps inside one another; no message that Spoor knows has more than five. */
export const MAX_DEPTH = 16;
