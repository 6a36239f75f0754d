import { useEffect, useState } from 'react';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

/** A text field whose text holds once Enter is pressed or the field is left. */
export function DraftField({ id, label, placeholder, value, problem, onChange }: Props) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <div className="field">
      <input
        id={id}
        type="text"
        aria-label={label}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        value={draft}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => onChange(draft.trim())}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange(draft.trim());
        }}
      />
      <p id={`${id}-problem`} className="field-problem" hidden={problem === undefined}>
        {problem}
      </p>
    </div>
  );
}
