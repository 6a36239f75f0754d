import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePages } from './reference-pages.ts';

const directory = join(import.meta.dirname, 'reference');
mkdirSync(directory, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) {
  writeFileSync(join(directory, name), text);
  console.log(`docs/reference/${name}`);
}
