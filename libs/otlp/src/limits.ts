/** Arrays and kvlists inside one another that an attribute's value may have, unless configured otherwise. */
export const DEFAULT_MAX_ATTRIBUTE_DEPTH = 16;

/** The deepest that anything here follows, whatever is configured: it bounds the recursion. */
export const DEEPEST_ATTRIBUTE = 64;
