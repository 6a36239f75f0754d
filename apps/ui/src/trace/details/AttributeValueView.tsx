import type { AttributeValue } from '@spoor/model';
import { useMemo, useState } from 'react';
import { plainText, prettyText, safeUrl } from '../model/attribute-text.ts';
import { Highlighted } from '../page/Highlighted.tsx';

/** A longer text is cut until one asks for the rest. */
const foldedLength = 400;

/** A value as text: http and https addresses can be followed, JSON and long texts are folded until asked for. */
export function AttributeValueView({
  value,
  words,
}: {
  readonly value: AttributeValue;
  readonly words: readonly string[];
}) {
  const [isOpen, setIsOpen] = useState(false);
  const text = useMemo(() => plainText(value), [value]);
  const pretty = useMemo(() => prettyText(value), [value]);
  const url = typeof value === 'string' ? safeUrl(value) : undefined;
  if (url !== undefined) {
    return (
      <a href={url} target="_blank" rel="noopener noreferrer">
        <Highlighted text={text} words={words} />
      </a>
    );
  }
  const isLong = text.length > foldedLength;
  const canFold = isLong || (pretty?.includes('\n') ?? false);
  const isPlain = typeof value === 'string' || (value !== null && typeof value === 'object');
  return (
    <span className={isPlain ? 'attribute-value' : 'attribute-value is-number'}>
      {canFold && (
        <button type="button" className="attribute-fold" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Fold' : 'Unfold'}
        </button>
      )}
      {isOpen && pretty !== undefined ? (
        <pre>
          <Highlighted text={pretty} words={words} />
        </pre>
      ) : (
        <Highlighted text={isLong && !isOpen ? `${text.slice(0, foldedLength)}…` : text} words={words} />
      )}
    </span>
  );
}
