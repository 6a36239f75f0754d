import { cleanIndices } from './clean.ts';
import { initialiseIndices } from './initialise.ts';
import { listAll } from './list.ts';
import { lookBackOnly } from './look-back.ts';
import { printMapping } from './mapping.ts';
import { rollOverIndices } from './roll-over.ts';

export { searchSubject } from './search-command.ts';
export const indicesCommands = {
  list: listAll,
  clean: cleanIndices,
  rollover: rollOverIndices,
  init: initialiseIndices,
  lookback: lookBackOnly,
  mapping: printMapping,
};
