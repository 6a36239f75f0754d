import { Fragment, useEffect, useRef } from 'react';
import { useShortcutGroups } from '../keys/shortcuts.ts';
import './ShortcutHelp.css';

const signs: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
};

const modSign = /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘' : 'Ctrl';

function Keys({ keys }: { readonly keys: string }) {
  const parts = keys === ' ' ? [' '] : keys.split(' ');
  return parts.map((part, index) => (
    <Fragment key={`${part}${String(index)}`}>
      {index > 0 && ' then '}
      {part.split(/(?<=.)\+/).map((key) => (
        <kbd key={key}>{key === 'Mod' ? modSign : (signs[key] ?? key)}</kbd>
      ))}
    </Fragment>
  ));
}

/** Lists every key that works on the page that is shown. */
export function ShortcutHelp({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const groups = useShortcutGroups();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      className="shortcut-help"
      aria-labelledby="shortcut-help-title"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="shortcut-help-content">
        <header>
          <h2 id="shortcut-help-title">Keyboard shortcuts</h2>
          <button type="button" className="button-quiet" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </header>
        <div className="shortcut-help-groups">
          {groups.map((group) => (
            <section key={group.title}>
              <h3>{group.title}</h3>
              <dl>
                {group.shortcuts.map((shortcut) => (
                  <div key={shortcut.description}>
                    <dt>
                      {shortcut.keys.map((keys, index) => (
                        <span key={keys}>
                          {index > 0 && ' or '}
                          <Keys keys={keys} />
                        </span>
                      ))}
                    </dt>
                    <dd>{shortcut.description}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </dialog>
  );
}
