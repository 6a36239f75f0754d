/** After one line another is written only after so many more of its kind: what comes with each packet must not fill the log. */
const LOG_EVERY = 10_000;

/** Calls `write` the first time, and then once in so many times. Everything is counted elsewhere. */
export function limitedLog<Args extends readonly unknown[]>(write: (...args: Args) => void): (...args: Args) => void {
  let calls = 0;
  return (...args) => {
    if (calls % LOG_EVERY === 0) write(...args);
    calls += 1;
  };
}
