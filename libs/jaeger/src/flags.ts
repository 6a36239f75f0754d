import type { Attribute } from '@spoor/model';

/**
 * The span attribute in which those flags travel that OTLP has no place for, as an int64: debug = 2, firehose = 8
 * (CONTRACT §2.2). W3C's next bit after `sampled` is `random`, and the upper ones are not for senders to set.
 */
export const FLAGS_KEY = '@jaeger@flags';

/** The only flag that means the same to both. */
const SAMPLED = 1;
const DEBUG = 2;
const FIREHOSE = 8;
const HELD: ReadonlySet<unknown> = new Set([DEBUG, FIREHOSE, DEBUG | FIREHOSE].map(BigInt));

/** Somebody asked for this span, whatever the sampling says. */
export const DEBUG_FLAG = DEBUG;

/** The flags of the peer that a span has, from its own and from wherever among its attributes. */
export function flagsOfSpan(span: { readonly flags: number; readonly attributes: readonly Attribute[] }): number {
  let flags = span.flags & SAMPLED;
  for (const attribute of span.attributes) flags |= flagsOf(attribute);
  return flags;
}

/** Whether the attribute stands for flags. One of that name that holds none is like any other. */
export function isFlags(attribute: Attribute): boolean {
  return flagsOf(attribute) !== 0;
}

/** What OTLP can say of the peer's flags. */
export function otlpFlagsOf(flags: number): number {
  return flags & SAMPLED;
}

/** What OTLP cannot say of them, as an attribute; `undefined` where there is nothing. */
export function attributeOfFlags(flags: number): Attribute | undefined {
  const others = flags & (DEBUG | FIREHOSE);
  return others === 0 ? undefined : { key: FLAGS_KEY, value: BigInt(others) };
}

/** Only what `attributeOfFlags` makes, so that nothing else is lost. */
function flagsOf({ key, value }: Attribute): number {
  return key === FLAGS_KEY && HELD.has(value) ? Number(value) : 0;
}
