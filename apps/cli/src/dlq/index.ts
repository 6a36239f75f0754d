import { listLetters } from './list.ts';
import { purgeLetters } from './purge.ts';
import { replayLetters } from './replay.ts';
import { showLetter } from './show.ts';

export const dlqCommands = { list: listLetters, show: showLetter, replay: replayLetters, purge: purgeLetters };
