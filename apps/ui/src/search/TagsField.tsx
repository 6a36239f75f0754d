import { useEffect, useRef, useState } from 'react';
import { rememberTags, suggestKeys, suggestValues } from './known-tags.ts';
import { parseLogfmt } from './logfmt.ts';
import { type Completion, completionsAt } from './tag-completion.ts';

interface Props {
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

const source = { keys: suggestKeys, values: suggestValues };

/** Logfmt that also compares, with keys and values offered while one types. Enter takes what is marked; with nothing marked it searches. */
export function TagsField({ value, problem, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState(value);
  const [completions, setCompletions] = useState<readonly Completion[]>([]);
  const [marked, setMarked] = useState(-1);
  const caretToSet = useRef<number | undefined>(undefined);
  useEffect(() => setDraft(value), [value]);
  useEffect(() => {
    if (caretToSet.current !== undefined) input.current?.setSelectionRange(caretToSet.current, caretToSet.current);
    caretToSet.current = undefined;
  });
  useEffect(() => {
    list.current?.children[marked]?.scrollIntoView({ block: 'nearest' });
  }, [marked]);

  const offer = (text: string, caret: number) => {
    setCompletions(completionsAt(text, caret, source));
    setMarked(-1);
  };
  const close = () => {
    setCompletions([]);
    setMarked(-1);
  };
  const take = (completion: Completion) => {
    setDraft(completion.text);
    caretToSet.current = completion.caret;
    offer(completion.text, completion.caret);
    if (!completion.text.slice(0, completion.caret).endsWith('=')) close();
  };
  const commit = () => {
    close();
    const parsed = parseLogfmt(draft);
    if ('tags' in parsed) rememberTags(parsed.tags);
    onChange(draft.trim());
  };
  const isOpen = completions.length > 0;
  const shownProblem = draft === value ? problem : undefined;

  return (
    <div className="field">
      <label htmlFor="search-tags">Tags</label>
      <input
        ref={input}
        id="search-tags"
        type="text"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls="search-tags-list"
        aria-autocomplete="list"
        aria-activedescendant={marked >= 0 ? `search-tags-${String(marked)}` : undefined}
        aria-invalid={shownProblem !== undefined}
        aria-describedby="search-tags-problem"
        placeholder="error=true http.status_code>=500"
        autoComplete="off"
        spellCheck={false}
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
          offer(event.target.value, event.target.selectionStart ?? event.target.value.length);
        }}
        onClick={(event) => offer(draft, event.currentTarget.selectionStart ?? draft.length)}
        onBlur={commit}
        onKeyDown={(event) => {
          const caret = event.currentTarget.selectionStart ?? draft.length;
          if (event.key === 'ArrowDown' && !isOpen) offer(draft, caret);
          else if (event.key === 'ArrowDown') setMarked((marked + 1) % completions.length);
          else if (event.key === 'ArrowUp' && isOpen) setMarked(marked <= 0 ? completions.length - 1 : marked - 1);
          else if (event.key === 'Escape' && isOpen) close();
          else if ((event.key === 'Enter' || event.key === 'Tab') && completions[marked]) take(completions[marked]);
          else if (event.key === 'Enter') {
            commit();
            return;
          } else return;
          event.preventDefault();
        }}
      />
      <div
        id="search-tags-list"
        ref={list}
        className="popup"
        role="listbox"
        aria-label="Tags to choose"
        hidden={!isOpen}
      >
        {completions.map((completion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input above has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input, which names the active option
          <div
            key={completion.label}
            id={`search-tags-${String(index)}`}
            role="option"
            aria-selected={index === marked}
            data-active={index === marked}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(completion)}
          >
            <code className="popup-text">{completion.label}</code>
          </div>
        ))}
      </div>
      <p id="search-tags-problem" className="field-problem" hidden={shownProblem === undefined}>
        {shownProblem}
      </p>
    </div>
  );
}
