import type { Rejection } from '@spoor/model';

export function countOf(rejected: readonly Rejection[]): number {
  return rejected.reduce((sum, rejection) => sum + rejection.spanCount, 0);
}

/** For the sender: how many spans were rejected, and why. */
export function describeRejections(rejected: readonly Rejection[]): string {
  const reasons = rejected.map(({ spanCount, reason, message: text }) => `${spanCount} ${reason} (${text})`);
  return `${countOf(rejected)} spans rejected: ${reasons.join('; ')}`;
}
