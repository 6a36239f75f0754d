import { type ThriftField, type ThriftValue, TYPES } from '@spoor/thrift';

const i32 = (value: number): ThriftValue => ({ type: TYPES.i32, value });
const i64 = (value: bigint): ThriftValue => ({ type: TYPES.i64, value });
const text = (value: string | Uint8Array): ThriftValue => ({ type: TYPES.string, value });
const struct = (...value: ThriftField[]): ThriftValue => ({ type: TYPES.struct, value });
const list = (...value: ThriftValue[]): ThriftValue => ({ type: TYPES.list, elementType: TYPES.struct, value });

const START_MICROS = 1_767_225_600_000_000n;

/** A `Batch` of jaeger.thrift with every field and every type of tag. Its bytes are the files `batch.*` in `golden`. */
export const GOLDEN_BATCH: ThriftValue = struct(
  [1, struct([1, text('shop')], [2, list(struct([1, text('hostname')], [2, i32(0)], [3, text('h')]))])],
  [
    2,
    list(
      struct(
        [1, i64(0x08090a0b0c0d0e0fn)],
        [2, i64(0x0001020304050607n)],
        [3, i64(0x1011121314151617n)],
        [4, i64(0x2021222324252627n)],
        [5, text('op')],
        [
          6,
          list(
            struct([1, i32(1)], [2, i64(-1n)], [3, i64(0n)], [4, i64(0x3031323334353637n)]),
            struct(
              [1, i32(0)],
              [2, i64(0x08090a0b0c0d0e0fn)],
              [3, i64(0x0001020304050607n)],
              [4, i64(0x4041424344454647n)],
            ),
          ),
        ],
        [7, i32(1)],
        [8, i64(START_MICROS)],
        [9, i64(1_000n)],
        [
          10,
          list(
            struct([1, text('s')], [2, i32(0)], [3, text('€')]),
            struct([1, text('f')], [2, i32(1)], [4, { type: TYPES.double, value: 0.5 }]),
            struct([1, text('b')], [2, i32(2)], [5, { type: TYPES.bool, value: true }]),
            struct([1, text('i')], [2, i32(3)], [6, i64(-1n)]),
            struct([1, text('bin')], [2, i32(4)], [7, text(Uint8Array.of(255, 0))]),
            struct([1, text('span.kind')], [2, i32(0)], [3, text('server')]),
            struct([1, text('error')], [2, i32(2)], [5, { type: TYPES.bool, value: true }]),
          ),
        ],
        [
          11,
          list(
            struct(
              [1, i64(START_MICROS + 5n)],
              [
                2,
                list(
                  struct([1, text('event')], [2, i32(0)], [3, text('e')]),
                  struct([1, text('k')], [2, i32(2)], [5, { type: TYPES.bool, value: false }]),
                ),
              ],
            ),
          ),
        ],
      ),
      struct(
        [1, i64(-2n)],
        [2, i64(0n)],
        [3, i64(7n)],
        [4, i64(0n)],
        [5, text('root')],
        [7, i32(3)],
        [8, i64(START_MICROS)],
        [9, i64(0n)],
      ),
    ),
  ],
  [3, i64(4n)],
  [4, struct([1, i64(1n)], [2, i64(2n)], [3, i64(3n)])],
);
