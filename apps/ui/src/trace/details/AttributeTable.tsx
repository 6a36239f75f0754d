import type { Attribute } from '@spoor/model';
import { useState } from 'react';
import { attributesAsJson, plainText, typeOf } from '../model/attribute-text.ts';
import { AttributeValueView } from './AttributeValueView.tsx';
import { CopyButton } from './CopyButton.tsx';
import './AttributeTable.css';
import { Highlighted } from '../page/Highlighted.tsx';

interface Props {
  /** Says what the attributes belong to: `Attributes`, `Resource`. */
  readonly label: string;
  readonly attributes: readonly Attribute[];
  readonly droppedCount: number;
  readonly words: readonly string[];
}

/** From so many attributes on there is a box to filter them. */
const filterFrom = 8;

/** Attributes as they were sent; filtered by key or value, copied one by one or all as JSON. */
export function AttributeTable({ label, attributes, droppedCount, words }: Props) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown =
    wanted === ''
      ? attributes
      : attributes.filter(({ key, value }) => `${key}=${plainText(value)}`.toLowerCase().includes(wanted));
  return (
    <div className="attributes">
      {attributes.length > 0 && (
        <div className="attributes-tools">
          {attributes.length >= filterFrom && (
            <input
              type="search"
              value={filter}
              placeholder="Filter"
              aria-label={`Filter ${label.toLowerCase()}`}
              onChange={(event) => setFilter(event.target.value)}
            />
          )}
          <CopyButton label={`Copy as JSON: ${label.toLowerCase()}`} text={() => attributesAsJson(shown)}>
            Copy as JSON
          </CopyButton>
        </div>
      )}
      <table aria-label={label}>
        <tbody>
          {shown.map((attribute, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: keys may come twice
            <tr key={`${attribute.key} ${i}`}>
              <th scope="row">
                <Highlighted text={attribute.key} words={words} />
              </th>
              <td title={typeOf(attribute.value)}>
                <AttributeValueView value={attribute.value} words={words} />
              </td>
              <td className="attributes-copy">
                <CopyButton label={`Copy the value of ${attribute.key}`} text={() => plainText(attribute.value)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {attributes.length === 0 && <p className="attributes-none">None</p>}
      {attributes.length > 0 && shown.length === 0 && <p className="attributes-none">No attribute has “{filter}”.</p>}
      {droppedCount > 0 && (
        <p className="attributes-none">{droppedCount} more were dropped before they were sent (a limit of the SDK).</p>
      )}
    </div>
  );
}
