import { useCombobox } from 'downshift';
import { type ReactNode, useEffect, useState } from 'react';
import { formatCount } from '../format/number.ts';
import { matchNames } from './match.ts';
import './Combobox.css';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly items: readonly string[];
  /** `''` is none. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder: string;
  readonly isLoading?: boolean;
  readonly disabled?: boolean;
  /** Below the field: why the items are missing, say. */
  readonly note?: ReactNode;
  /** What stands before a name in the list. */
  readonly renderMark?: (item: string) => ReactNode;
}

/** More are found by typing; nobody reads further down. */
const maxShown = 200;

/** A field that takes one of many names, or any text at all: a name may be known before the server knows it. */
export function Combobox(props: Props) {
  const { id, items, value, onChange, renderMark } = props;
  const [text, setText] = useState(value);
  const [filter, setFilter] = useState('');
  useEffect(() => setText(value), [value]);
  const match = matchNames(items, filter, maxShown);

  const commit = (next: string) => {
    setText(next);
    setFilter('');
    if (next !== value) onChange(next);
  };

  const box = useCombobox({
    id,
    inputId: id,
    items: [...match.items],
    inputValue: text,
    selectedItem: value === '' ? null : value,
    itemToString: (item) => item ?? '',
    onInputValueChange: ({ inputValue, type }) => {
      if (type !== useCombobox.stateChangeTypes.InputChange) return;
      setText(inputValue);
      setFilter(inputValue);
    },
    onStateChange: ({ type, selectedItem }) => {
      const types = useCombobox.stateChangeTypes;
      if (type === types.InputKeyDownEnter || type === types.ItemClick) {
        if (selectedItem) commit(selectedItem);
      } else if (type === types.InputKeyDownEscape || type === types.InputBlur) {
        if (type === types.InputKeyDownEscape) commit(value);
      }
    },
  });

  return (
    <div className="field combobox">
      <label htmlFor={id} id={box.getLabelProps().id}>
        {props.label}
      </label>
      <div className="combobox-control">
        <input
          type="text"
          spellCheck={false}
          placeholder={props.placeholder}
          {...box.getInputProps({
            id,
            disabled: props.disabled ?? false,
            onFocus: (event) => event.currentTarget.select(),
            onBlur: () => commit(text.trim()),
            onKeyDown: (event) => {
              if (event.key === 'Enter' && (!box.isOpen || box.highlightedIndex < 0)) commit(text.trim());
            },
          })}
        />
        {value !== '' && props.disabled !== true && (
          <button
            type="button"
            className="combobox-clear"
            aria-label={`Clear: ${props.label}`}
            onClick={() => commit('')}
          >
            ✕
          </button>
        )}
      </div>
      <ul className="popup" hidden={!box.isOpen} {...box.getMenuProps({ 'aria-label': `${props.label}, choices` })}>
        {box.isOpen &&
          match.items.map((item, index) => (
            <li key={item} data-active={index === box.highlightedIndex} {...box.getItemProps({ item, index })}>
              {renderMark?.(item)}
              <span className="popup-text">{item}</span>
            </li>
          ))}
        {box.isOpen && match.total > match.items.length && (
          <li className="popup-note" aria-disabled="true">
            and {formatCount(match.total - match.items.length)} more: type to narrow
          </li>
        )}
        {box.isOpen && match.total === 0 && (
          <li className="popup-note" aria-disabled="true">
            {props.isLoading ? 'Loading…' : items.length === 0 ? 'None yet' : 'None has that in its name'}
          </li>
        )}
      </ul>
      {props.note}
    </div>
  );
}
