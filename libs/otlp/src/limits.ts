/** Arrays and kvlists inside one another that an attribute's value may have, unless configured otherwise. */
export const DEFAULT_MAX_ATTRIBUTE_DEPTH = 16;

/** The deepest that anything here follows, whatever is configured: it bounds the recursion. */
export const DEEPEST_ATTRIBUTE = 64;

/** Bytes of a `Span`, a `Resource` or an `InstrumentationScope` message, unless configured otherwise. */
export const DEFAULT_MAX_SPAN_BYTES = 1024 * 1024;

/** How far a sender's clock may be ahead, unless configured otherwise. */
export const DEFAULT_MAX_FUTURE_MS = 24 * 60 * 60 * 1000;
