import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useShortcuts } from '../keys/shortcuts.ts';
import { Logo } from './Logo.tsx';
import { ShortcutHelp } from './ShortcutHelp.tsx';
import './Shell.css';
import { ThemeSwitch } from './ThemeSwitch.tsx';
import { TraceIdBox } from './TraceIdBox.tsx';

/** The frame around every page: the header, the keys that work everywhere, and the place for the page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [location, navigate] = useLocation();
  const [helpIsOpen, setHelpIsOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const lastSearch = useLastSearch();
  const page = location.split('/')[1] ?? '';

  useShortcuts('Everywhere', [
    { keys: ['?'], description: 'Show the keys', run: () => setHelpIsOpen(true) },
    { keys: ['g s'], description: 'Go to the search', run: () => navigate(lastSearch()) },
    {
      keys: ['g t'],
      description: 'Open a trace by its id',
      run: () => document.getElementById('trace-id')?.focus(),
    },
    {
      keys: ['Escape'],
      description: 'Leave a text field',
      inFields: true,
      run: () => {
        if (!(document.activeElement instanceof HTMLElement) || document.activeElement === document.body) return false;
        document.activeElement.blur();
        return undefined;
      },
    },
  ]);

  return (
    <div className="shell">
      <button type="button" className="shell-skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header className="shell-header">
        <Link href="/search" className="shell-brand" aria-label="Spoor, to an empty search">
          <Logo />
          <span>Spoor</span>
        </Link>
        <nav aria-label="Pages" className="shell-nav">
          <Link
            href="/search"
            aria-current={page === '' || page === 'search' ? 'page' : undefined}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              navigate(lastSearch());
            }}
          >
            Search
          </Link>
        </nav>
        <span className="shell-gap" />
        <TraceIdBox />
        <ThemeSwitch />
        <button
          type="button"
          className="button-quiet"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={() => setHelpIsOpen(true)}
        >
          ?
        </button>
      </header>
      <main id="main" className="shell-main" tabIndex={-1} ref={main}>
        {children}
      </main>
      <ShortcutHelp isOpen={helpIsOpen} onClose={() => setHelpIsOpen(false)} />
    </div>
  );
}

/** Remembers the search that was last shown, so that coming back from a trace finds it as it was. */
function useLastSearch(): () => string {
  const last = useRef('/search');
  const [location] = useLocation();
  const search = useSearch();
  useEffect(() => {
    if (location === '/' || location === '/search') last.current = search === '' ? '/search' : `/search?${search}`;
  }, [location, search]);
  return () => last.current;
}
