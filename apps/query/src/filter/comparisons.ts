import type { AttributeOperator } from '@spoor/storage';
import { invalid, quoted } from '../http/parameters.ts';

/** What a filter compares: an attribute, wherever it stands, or a field that every span has. */
export type Reference =
  | { readonly kind: 'attribute'; readonly key: string }
  | { readonly kind: 'field'; readonly level: string; readonly name: string };

/** One comparison of a filter. All of them hold on the same span. */
export interface Comparison {
  readonly reference: Reference;
  readonly operator: AttributeOperator;
  readonly value: string;
  /** Where it stands in the filter, for messages. */
  readonly at: string;
}

const OPERATORS: readonly string[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] satisfies AttributeOperator[];
/** Bounds the recursion: a parameter of the greatest length could nest deeper than is good for anybody. */
const MAX_DEPTH = 16;

/**
 * Reads the part of the peer's filter expressions (CONTRACT §7.5) that is understood here: `and` over the six comparisons of
 * an `attr` or a `field` with a `scalar`. Takes a bare call or one within `call`, as JSON or protobuf has it. Everything else
 * throws `SPOOR_INVALID_REQUEST` and names the node: no part of a filter is ever left out.
 */
export function comparisonsOf(filter: unknown, name: string): readonly Comparison[] {
  const outer = objectAt(filter, name);
  return 'call' in outer ? ofNode(outer, name, 1) : ofCall(outer, name, 1);
}

function ofNode(node: unknown, at: string, depth: number): readonly Comparison[] {
  const [kind, content] = onlyEntry(node, at);
  if (kind !== 'call') throw invalid(`${at} is ${quoted(kind)}; here only a call may stand`);
  return ofCall(objectAt(content, `${at}.call`), `${at}.call`, depth);
}

function ofCall(call: Readonly<Record<string, unknown>>, at: string, depth: number): readonly Comparison[] {
  checkNames(call, ['op', 'args'], at);
  const { op, args } = call;
  if (typeof op !== 'string') throw invalid(`${at}.op is missing`);
  if (!Array.isArray(args)) throw invalid(`${at}.args is missing; it must be a list`);
  if (op === 'and') {
    if (depth >= MAX_DEPTH) throw invalid(`${at} stands ${MAX_DEPTH} calls deep; write the comparisons side by side`);
    if (args.length < 2) throw invalid(`${at}.args has ${args.length} elements; "and" takes two or more`);
    return args.flatMap((arg, i) => ofNode(arg, `${at}.args[${i}]`, depth + 1));
  }
  if (!OPERATORS.includes(op))
    throw invalid(`${at}.op is ${quoted(op)}, which is not supported; supported are and, ${OPERATORS.join(', ')}`);
  if (args.length !== 2) throw invalid(`${at}.args has ${args.length} elements; ${quoted(op)} takes two`);
  const operator = op as AttributeOperator;
  const value = scalarAt(args[1], operator, `${at}.args[1]`);
  return [{ reference: referenceAt(args[0], `${at}.args[0]`), operator, value, at }];
}

function referenceAt(node: unknown, at: string): Reference {
  const [kind, content] = onlyEntry(node, at);
  if (kind === 'attr') {
    const attr = objectAt(content, `${at}.attr`);
    checkNames(attr, ['key', 'level'], `${at}.attr`);
    if (typeof attr['level'] === 'string' && attr['level'] !== '')
      throw invalid(
        `${at}.attr.level is ${quoted(attr['level'])}, which is not supported; without it the span, its resource, its scope and its events are looked at`,
      );
    return { kind: 'attribute', key: textAt(attr, 'key', `${at}.attr`) };
  }
  if (kind === 'field') {
    const field = objectAt(content, `${at}.field`);
    checkNames(field, ['name', 'level'], `${at}.field`);
    return {
      kind: 'field',
      level: textAt(field, 'level', `${at}.field`),
      name: textAt(field, 'name', `${at}.field`),
    };
  }
  throw invalid(`${at} is ${quoted(kind)}, which is not supported; what is compared is an attr or a field`);
}

function scalarAt(node: unknown, operator: AttributeOperator, at: string): string {
  const [kind, content] = onlyEntry(node, at);
  if (kind !== 'scalar') throw invalid(`${at} is ${quoted(kind)}, which is not supported; it must be a scalar`);
  const scalar = objectAt(content, `${at}.scalar`);
  checkNames(scalar, ['value', 'type'], `${at}.scalar`);
  const { value = '', type = '' } = scalar;
  if (typeof value !== 'string') throw invalid(`${at}.scalar.value must be a text, also where it is a number`);
  const isOrder = operator !== 'eq' && operator !== 'ne';
  const isFine = type === '' || (isOrder && (type === 'int' || type === 'double'));
  if (!isFine)
    throw invalid(
      `${at}.scalar.type is ${quoted(String(type))}, which is not supported with ${operator}; leave it out: ${isOrder ? 'only numbers are compared' : 'values of any type are compared as text'}`,
    );
  return value;
}

function objectAt(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${at} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

/** A node is an object with one name, which says what it is. */
function onlyEntry(node: unknown, at: string): readonly [string, unknown] {
  const entries = Object.entries(objectAt(node, at));
  const [first] = entries;
  if (first === undefined || entries.length !== 1)
    throw invalid(`${at} must have exactly one of call, attr, field and scalar; it has ${entries.length} names`);
  return first;
}

function checkNames(object: Readonly<Record<string, unknown>>, known: readonly string[], at: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid(`${at} has ${quoted(unknown)}; it may have ${known.join(' and ')}`);
}

function textAt(object: Readonly<Record<string, unknown>>, name: string, at: string): string {
  const text = object[name];
  if (typeof text !== 'string' || text === '') throw invalid(`${at}.${name} is missing; it must be a text`);
  return text;
}
