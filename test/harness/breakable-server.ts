/** A server of a test's own, in a Java virtual machine or in a container, which may be broken. */
export interface BreakableServer {
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again with the same data on the same ports. Resolves when it answers: by default as at the first start. */
  revive(answers?: () => Promise<unknown>): Promise<void>;
  /** Stops it from running without ending it: the system goes on taking connections for it, and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it, for good. */
  stop(): Promise<void>;
}
