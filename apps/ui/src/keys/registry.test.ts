import { expect, test } from 'vitest';
import { keyNameOf, ShortcutRegistry } from './registry.ts';

function pressed(key: string, modifiers: Partial<KeyboardEvent> = {}): KeyboardEvent {
  return { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers } as KeyboardEvent;
}

function setUp() {
  const ran: string[] = [];
  const shortcut = (keys: string, inFields = false) => ({
    keys: [keys],
    description: keys,
    inFields,
    run: () => {
      ran.push(keys);
    },
  });
  return { ran, shortcut, registry: new ShortcutRegistry() };
}

test('names keys as shortcuts write them', () => {
  expect(keyNameOf(pressed('?', { shiftKey: true }))).toBe('?');
  expect(keyNameOf(pressed('ArrowLeft', { shiftKey: true }))).toBe('Shift+ArrowLeft');
  expect(keyNameOf(pressed('k', { metaKey: true }))).toBe('Mod+k');
});

test('a sequence needs both keys, in time', () => {
  const { ran, shortcut, registry } = setUp();
  registry.add({ title: 'all', shortcuts: [shortcut('g s'), shortcut('s')] });
  expect(registry.handle(pressed('g'), false, 0)).toBe(false);
  expect(registry.handle(pressed('s'), false, 500)).toBe(true);
  registry.handle(pressed('g'), false, 1_000);
  registry.handle(pressed('s'), false, 9_000);
  expect(ran).toEqual(['g s', 's']);
});

test('in a text field only the keys meant for fields work', () => {
  const { ran, shortcut, registry } = setUp();
  registry.add({ title: 'all', shortcuts: [shortcut('j'), shortcut('Escape', true)] });
  expect(registry.handle(pressed('j'), true, 0)).toBe(false);
  expect(registry.handle(pressed('Escape'), true, 1)).toBe(true);
  expect(ran).toEqual(['Escape']);
});

test('the page goes before the shell, may pass a key on, and gives its keys back', () => {
  const { ran, shortcut, registry } = setUp();
  registry.add({ title: 'shell', shortcuts: [shortcut('/')] });
  const run = () => {
    ran.push('page');
  };
  const remove = registry.add({ title: 'page', shortcuts: [{ keys: ['/'], description: 'find', run }] });
  registry.add({ title: 'picky', shortcuts: [{ keys: ['/'], description: 'no', run: () => false }] });
  registry.handle(pressed('/'), false, 0);
  remove();
  registry.handle(pressed('/'), false, 1);
  expect(ran).toEqual(['page', '/']);
});
