import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Outside } from './outside.ts';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser for the tests: `CHROME_PATH`, else the first of the usual commands and places. */
export function findChromium(env: Readonly<Record<string, string | undefined>> = process.env): Outside<string> {
  const remedy = 'Install Chromium (Debian: apt-get install chromium), or set CHROME_PATH to the binary of one';
  const named = env['CHROME_PATH'];
  if (named) {
    if (isExecutable(named)) return { found: named };
    return { missing: `CHROME_PATH is ${named}, which is not a program`, remedy };
  }
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const candidates = [...COMMANDS.flatMap((name) => directories.map((directory) => join(directory, name))), ...PLACES];
  const found = candidates.find(isExecutable);
  return found === undefined ? { missing: 'There is no Chromium on this machine', remedy } : { found };
}
