import type { AttributeValue, Resource, Span } from '@spoor/model';
import { attributeValue } from '@spoor/model';
import { formatGoDuration } from '../text/go-duration.ts';
import { oncePerObject } from './replacement.ts';
import { withWarning } from './warnings.ts';

/** The first that a resource has tells its host; `ip` is what v1 clients send (CONTRACT §7.6, 4). */
const HOST_KEYS = ['host.id', 'host.ip', 'host.name', 'ip'] as const;

const NONE = -1;

/**
 * Finds children whose clock disagrees with their parent's on another host, and shifts them and what runs on their host below
 * them by at most `maxAdjustmentNanos` (CONTRACT §7.6, 4). With 0 nothing is ever shifted: a warning says what would have been.
 */
export function adjustClockSkew(spans: readonly Span[], maxAdjustmentNanos: bigint): readonly Span[] {
  const tree = treeOf(spans);
  const hostOf = oncePerObject(hostKeyOf);
  const adjusted = spans.slice();
  const deltas = new Map<number, bigint>();
  for (const index of tree.duplicates) warn(adjusted, index, 'duplicate span IDs; skipping clock skew adjustment');
  for (const index of tree.orphans) {
    const parent = spans[index]!.parentSpanId;
    warn(adjusted, index, `invalid parent span IDs=${parent}; skipping clock skew adjustment`);
  }
  // Depth first with a stack of our own, because a chain may be deeper than the call stack.
  const stack: number[] = tree.roots.slice();
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    const parentIndex = tree.parent[index]!;
    if (parentIndex !== NONE) {
      const host = hostOf(spans[index]!.resource);
      const delta =
        host === '' || host !== hostOf(spans[parentIndex]!.resource)
          ? skewOf(spans[index]!, adjusted[parentIndex]!)
          : (deltas.get(parentIndex) ?? 0n);
      if (delta !== 0n) {
        deltas.set(index, delta);
        adjusted[index] = shifted(adjusted[index]!, delta, maxAdjustmentNanos);
      }
    }
    for (let child = tree.firstChild[index]!; child !== NONE; child = tree.nextSibling[child]!) stack.push(child);
  }
  const isUntouched = deltas.size === 0 && tree.duplicates.length === 0 && tree.orphans.length === 0;
  return isUntouched ? spans : adjusted;
}

interface Tree {
  readonly parent: Int32Array;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  readonly roots: readonly number[];
  readonly orphans: readonly number[];
  readonly duplicates: readonly number[];
}

function treeOf(spans: readonly Span[]): Tree {
  const indexOfId = new Map<string, number>();
  const duplicates: number[] = [];
  for (let index = 0; index < spans.length; index += 1) {
    const { spanId } = spans[index]!;
    if (indexOfId.has(spanId)) duplicates.push(index);
    else indexOfId.set(spanId, index);
  }
  const parent = new Int32Array(spans.length).fill(NONE);
  const firstChild = new Int32Array(spans.length).fill(NONE);
  const nextSibling = new Int32Array(spans.length).fill(NONE);
  const roots: number[] = [];
  const orphans: number[] = [];
  for (let index = 0; index < spans.length; index += 1) {
    const { parentSpanId } = spans[index]!;
    if (parentSpanId === '') {
      roots.push(index);
      continue;
    }
    const parentIndex = indexOfId.get(parentSpanId);
    if (parentIndex === undefined) {
      orphans.push(index);
      roots.push(index);
      continue;
    }
    parent[index] = parentIndex;
    nextSibling[index] = firstChild[parentIndex]!;
    firstChild[parentIndex] = index;
  }
  return { parent, firstChild, nextSibling, roots, orphans, duplicates };
}

/** By how much the child's clock must move for the child to lie within its parent. */
function skewOf(child: Span, parent: Span): bigint {
  const childDuration = child.endTimeUnixNano - child.startTimeUnixNano;
  const parentDuration = parent.endTimeUnixNano - parent.startTimeUnixNano;
  const startsBefore = child.startTimeUnixNano < parent.startTimeUnixNano;
  // A child that outlasts its parent was left running, or its parent gave up: only its start tells anything.
  if (childDuration > parentDuration) return startsBefore ? parent.startTimeUnixNano - child.startTimeUnixNano : 0n;
  if (!startsBefore && child.endTimeUnixNano <= parent.endTimeUnixNano) return 0n;
  return parent.startTimeUnixNano + (parentDuration - childDuration) / 2n - child.startTimeUnixNano;
}

function shifted(span: Span, delta: bigint, maxAdjustmentNanos: bigint): Span {
  const size = delta < 0n ? -delta : delta;
  if (size > maxAdjustmentNanos) {
    const text = formatGoDuration(delta);
    return withWarning(
      span,
      maxAdjustmentNanos === 0n
        ? `clock skew adjustment disabled; not applying calculated delta of ${text}`
        : `max clock skew adjustment delta of ${formatGoDuration(maxAdjustmentNanos)} exceeded; not applying calculated delta of ${text}`,
    );
  }
  return withWarning(
    {
      ...span,
      startTimeUnixNano: span.startTimeUnixNano + delta,
      endTimeUnixNano: span.endTimeUnixNano + delta,
      events: span.events.map((event) => ({ ...event, timeUnixNano: event.timeUnixNano + delta })),
    },
    `This span's timestamps were adjusted by ${formatGoDuration(delta)}`,
  );
}

function warn(spans: Span[], index: number, warning: string): void {
  spans[index] = withWarning(spans[index]!, warning);
}

function hostKeyOf(resource: Resource): string {
  for (const key of HOST_KEYS) {
    const text = hostText(attributeValue(resource.attributes, key));
    if (text !== '') return text;
  }
  return '';
}

/** `host.ip` is an array by convention; then all of it tells the host. */
function hostText(value: AttributeValue | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string').join(',') : '';
}
