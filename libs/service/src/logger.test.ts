import { expect, test } from 'vitest';
import { createLogger, type LogConfig } from './logger.ts';
import { Secret } from './secret.ts';

function logged(config: LogConfig, isTTY = false) {
  const lines: string[] = [];
  const logger = createLogger(config, { write: (line) => lines.push(line), isTTY });
  return { logger, text: () => lines.join('') };
}

test('lines are JSON where there is no terminal', () => {
  const { logger, text } = logged({ level: 'info', format: 'auto' });
  logger.info({ listener: 'admin', address: '127.0.0.1:1' }, 'listening');
  logger.debug('not shown');
  expect(text().endsWith('\n')).toBe(true);
  expect(JSON.parse(text())).toMatchObject({ level: 'info', listener: 'admin', msg: 'listening' });
});

test('lines are text on a terminal, without characters that it would obey', () => {
  const { logger, text } = logged({ level: 'info', format: 'auto' }, true);
  logger.warn({ name: 'a\u001b[2Jb', count: 3 }, 'odd\u001b]0;title\u0007');
  expect(text()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} /);
  expect(text()).toContain('count=3');
  expect(text().replaceAll('\u001b[33m', '').replaceAll('\u001b[0m', '')).not.toContain('\u001b');
});

test('an error comes with its stack below the line', () => {
  const { logger, text } = logged({ level: 'info', format: 'text' });
  logger.error({ err: new Error('the cause') }, 'it failed');
  expect(text()).toMatch(/ERROR it failed\nError: the cause\n {4}at /);
});

test('secrets are masked', () => {
  const { logger, text } = logged({ level: 'info', format: 'json' });
  logger.info({ key: new Secret('hush'), headers: { authorization: 'Bearer hush' }, password: 'hush' }, 'x');
  expect(text()).not.toContain('hush');
  expect(text()).toContain('***');
});
