import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenRecords } from './golden-records.ts';

/** Writes the golden records anew: `npm run golden -w libs/encodings`. What changes is reviewed as a change of the wire format. */
for (const [name, records] of goldenRecords())
  writeFileSync(join(import.meta.dirname, '../golden', `${name}.json`), `${JSON.stringify(records, undefined, 2)}\n`);
