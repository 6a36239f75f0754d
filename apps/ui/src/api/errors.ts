/** A request that failed, told so that a person can act on it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** What was wanted: `The traces could not be loaded`. */
  readonly what: string;
  /** Why it failed, as exactly as known. */
  readonly why: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;

  constructor(what: string, why: string, status: number, options?: ErrorOptions) {
    super(`${what}: ${why}`, options);
    this.what = what;
    this.why = why;
    this.status = status;
  }

  /** May the same request succeed a moment later? */
  get isRetryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The same two sentences for anything thrown. */
export function explain(error: unknown): { readonly what: string; readonly why: string } {
  if (error instanceof ApiError) return { what: error.what, why: error.why };
  return {
    what: 'Something in this page went wrong',
    why: error instanceof Error ? error.message : String(error),
  };
}
