import { bytesOfBase64 } from '@spoor/otlp';
import type { Clause } from './clause.ts';
import { all, any, exactly, exists, isIndexed, keywordIs, loosely, nested, not, term, terms } from './clause.ts';
import type { TagFields } from './tag-fields.ts';
import { bytesOfText } from './tag-value.ts';

/** Lists of tags, and the objects with those that are fields: of the span and its process. Logs have lists only. */
const LISTS = ['tags', 'process.tags', 'logs.fields'] as const;
const OBJECTS = ['tag', 'process.tag'] as const;
const EVEN_HEX = /^(?:[0-9a-f]{2})*$/;

/** A tag of the span, its process or its logs has the key, and its value the text. */
export function tagIs(key: string, text: string, fields: TagFields): Clause {
  return any(
    ...LISTS.map((list) => nested(list, all(keywordIs(`${list}.key`, key), valueIs(list, text)))),
    ...fieldClauses(key, fields, (field) =>
      isIndexed(text) ? terms(field, numberForms(text)) : loosely(term('_ignored', field)),
    ),
  );
}

export function hasTag(key: string, fields: TagFields): Clause {
  return any(
    ...LISTS.map((list) => nested(list, keywordIs(`${list}.key`, key))),
    ...fieldClauses(key, fields, (field) => any(exists(field), term('_ignored', field))),
  );
}

/** A number may be among the values of the key. The index has numbers as texts only, so they are compared on `_source`. */
export function hasNumber(key: string, fields: TagFields): Clause {
  const isOther = (list: string) => terms(`${list}.type`, ['string', 'bool', 'binary']);
  return loosely(
    any(
      ...LISTS.map((list) => nested(list, all(keywordIs(`${list}.key`, key), not(isOther(list))))),
      ...fieldClauses(key, fields, exists),
    ),
  );
}

/** A tag of the span alone. */
export function spanTagIs(key: string, values: readonly string[], fields: TagFields): Clause {
  const field = fields.nameOf(key);
  return any(
    nested('tags', all(term('tags.key', key), terms('tags.value', values))),
    ...(field === undefined ? [] : [terms(`tag.${field}`, values)]),
  );
}

/** A tag of the span alone, its value a pattern of Lucene's. */
export function spanTagMatches(key: string, pattern: string, fields: TagFields): Clause {
  const matches = (field: string) => exactly({ regexp: { [field]: { value: pattern } } });
  const field = fields.nameOf(key);
  return any(
    nested('tags', all(term('tags.key', key), matches('tags.value'))),
    ...(field === undefined ? [] : [matches(`tag.${field}`)]),
  );
}

function fieldClauses(key: string, fields: TagFields, clause: (field: string) => Clause): Clause[] {
  const name = fields.nameOf(key);
  return name === undefined ? [] : OBJECTS.map((object) => clause(`${object}.${name}`));
}

/** Of one entry of a list. Binary is indexed as hex or base64, and doubles may be in the form of v1, which is Go's `%g`. */
function valueIs(list: string, text: string): Clause {
  const value = `${list}.value`;
  const isBinary = term(`${list}.type`, 'binary');
  const isHex = EVEN_HEX.test(text);
  const plain = keywordIs(value, text);
  const clauses = [isHex ? plain : all(plain, not(isBinary))];
  if (isHex && text !== '') {
    const base64 = Buffer.from(text, 'hex').toString('base64');
    // One that looks like hex is taken for hex when it is read.
    const isTold = !EVEN_HEX.test(base64) && bytesOfBase64(base64) !== undefined && bytesOfText(base64) !== undefined;
    if (isTold) clauses.push(all(keywordIs(value, base64), isBinary));
  }
  const [, ...others] = numberForms(text);
  if (others.length > 0) clauses.push(all(terms(value, others), term(`${list}.type`, 'float64')));
  return any(...clauses);
}

/** The text itself first, then how else a double of this text may have been written. */
function numberForms(text: string): string[] {
  const number = Number(text);
  if (text === '' || String(number) !== text || !Number.isFinite(number)) return [text];
  if (number === 0) return [text, '-0'];
  const [digits = '', exponentText = '0'] = number.toExponential().split('e');
  const exponent = Number(exponentText);
  // v1 kept ten digits.
  const isGeneral = digits.replace(/[-.]/g, '').length <= 10 && (exponent < -4 || exponent >= 10);
  if (!isGeneral) return [text];
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return [text, `${digits}e${exponent < 0 ? '-' : '+'}${size}`];
}
