/** Settings of the embedded store. Sizes in bytes, times in milliseconds. */
export interface EmbeddedStorageConfig {
  /** Where the data lies; made when absent. One process at a time. */
  readonly directory: string;
  /** `full`: an acknowledged span survives loss of power. `normal`: it survives the death of the process only. */
  readonly synchronous: 'full' | 'normal';
  readonly retention: {
    /** Spans that arrived longer ago than this are dropped, a segment at a time. 0 keeps them. */
    readonly maxAgeMs: number;
    /** Above this size the oldest sealed segments are dropped. 0 is no bound. */
    readonly maxBytes: number;
  };
  /** Bytes of spans that wait for their commit; above it writers are refused with `SPOOR_OVERLOADED`. */
  readonly maxQueueBytes: number;
  /** When an open segment is closed and sealed: whatever comes first. */
  readonly segment: { readonly maxSpans: number; readonly maxBlocks: number; readonly maxAgeMs: number };
}

export const DEFAULT_EMBEDDED_STORAGE_CONFIG: Omit<EmbeddedStorageConfig, 'directory'> = {
  synchronous: 'full',
  retention: { maxAgeMs: 7 * 24 * 3_600_000, maxBytes: 20 * 2 ** 30 },
  maxQueueBytes: 64 * 2 ** 20,
  segment: { maxSpans: 65_536, maxBlocks: 512, maxAgeMs: 3_600_000 },
};
