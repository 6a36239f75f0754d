/** Something from outside the repository that a suite needs: where it is, or why it is not there and what to do. */
export type Outside<T> = { readonly found: T } | { readonly missing: string; readonly remedy: string };

/**
 * Gives what was found. Where it is missing, the suite is reported as skipped with the reason and the remedy;
 * with `CI` set it fails instead, so that no pipeline is green by leaving tests out.
 */
export function foundOrSkipped<T>(outside: Outside<T>, skip: (note: string) => never): T {
  if ('found' in outside) return outside.found;
  const note = `${outside.missing}. ${outside.remedy}`;
  if (process.env['CI']) throw new Error(`${note} (CI is set, so this is a failure)`);
  process.stderr.write(`skipped: ${note}\n`);
  return skip(note);
}
