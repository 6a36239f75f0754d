import { type ThriftField, type ThriftValue, TYPES } from '@spoor/thrift';

const i32 = (value: number): ThriftValue => ({ type: TYPES.i32, value });
const i64 = (value: bigint): ThriftValue => ({ type: TYPES.i64, value });
const text = (value: string | Uint8Array): ThriftValue => ({ type: TYPES.string, value });
const struct = (...value: ThriftField[]): ThriftValue => ({ type: TYPES.struct, value });
const list = (...value: ThriftValue[]): ThriftValue => ({ type: TYPES.list, elementType: TYPES.struct, value });

const MICROS = 1_767_225_600_000_000n;
const shop = struct([1, i32(0x0a000001)], [2, { type: TYPES.i16, value: 8080 }], [3, text('shop')]);
const store = struct(
  [1, i32(-1)],
  [2, { type: TYPES.i16, value: -1 }],
  [3, text('store')],
  [4, text(Uint8Array.from({ length: 16 }, (_, i) => i))],
);
const at = (micros: bigint, value: string) => struct([1, i64(MICROS + micros)], [2, text(value)], [3, shop]);
const tag = (key: string, value: string | Uint8Array, type: number, host?: ThriftValue) =>
  struct([1, text(key)], [2, text(value)], [3, i32(type)], ...(host === undefined ? [] : [[4, host] as const]));

/** A `list<Span>` of zipkincore.thrift with every field and every type. Its bytes are the files `list.*` in `golden`. */
export const GOLDEN_LIST: ThriftValue = list(
  struct(
    [1, i64(0x08090a0b0c0d0e0fn)],
    [3, text('op')],
    [4, i64(0x1011121314151617n)],
    [5, i64(0x2021222324252627n)],
    [
      6,
      list(
        at(0n, 'cs'),
        at(10n, 'sr'),
        at(20n, '{"event":"e","k":"v"}'),
        at(25n, 'plain'),
        at(30n, 'ss'),
        at(40n, 'cr'),
      ),
    ],
    [
      8,
      list(
        tag('bool', Uint8Array.of(1), 0),
        tag('bytes', Uint8Array.of(255, 0), 1),
        tag('i16', Uint8Array.of(255, 255), 2),
        tag('i32', Uint8Array.of(0, 0, 0, 5), 3),
        tag('i64', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 6), 4),
        tag('double', Uint8Array.of(0x3f, 0xe0, 0, 0, 0, 0, 0, 0), 5),
        tag('string', '€', 6),
        tag('short', Uint8Array.of(1), 3),
        tag('error', 'it broke', 6),
        tag('lc', 'component', 6, shop),
        tag('sa', Uint8Array.of(1), 0, store),
        tag('jaegerClient', 'Go-2.30', 6),
        tag('jaeger.hostname', 'h', 6),
      ),
    ],
    [9, { type: TYPES.bool, value: true }],
    [12, i64(0x0001020304050607n)],
  ),
  struct([1, i64(1n)], [3, text('root')], [4, i64(2n)], [10, i64(MICROS)], [11, i64(7n)]),
);
