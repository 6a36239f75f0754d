import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { findTraceId } from './trace-id.ts';

/** Takes a trace id from anywhere and opens the trace. */
export function TraceIdBox() {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const [, navigate] = useLocation();

  const open = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const id = findTraceId(text);
    if (id === undefined) {
      setProblem('That holds no trace id: up to 32 hex digits, a traceparent, or a link to a trace.');
      return;
    }
    setText('');
    navigate(`/trace/${id}`);
  };

  return (
    <form className="trace-id-box" aria-label="Open a trace by its id" onSubmit={open}>
      <input
        id="trace-id"
        type="text"
        aria-label="Trace id"
        aria-invalid={problem !== ''}
        aria-describedby="trace-id-problem"
        placeholder="Trace id, traceparent or link"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setProblem('');
        }}
      />
      <span id="trace-id-problem" role="status" className="trace-id-problem" hidden={problem === ''}>
        {problem}
      </span>
    </form>
  );
}
