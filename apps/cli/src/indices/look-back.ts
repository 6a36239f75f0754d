import { lookBack } from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { table, timeText } from '../table.ts';
import { refuseOperands } from './operands.ts';
import { kindFlags, rotatedOf } from './rotated.ts';
import { command, PEER_VARIABLES } from './search-command.ts';

const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes'] as const;
const FIXED_MS = { weeks: 604_800_000, days: 86_400_000, hours: 3_600_000, minutes: 60_000 } as const;

export const lookBackOnly = command({
  summary: 'Takes indices that were made longer ago out of the read aliases, and deletes nothing',
  operands: '[<url>]',
  flags: {
    ...kindFlags,
    unit: z
      .enum(UNITS)
      .default('days')
      .meta({ description: 'In which the age is counted', env: [PEER_VARIABLES.unit] }),
    'unit-count': z
      .number()
      .int()
      .min(0)
      .default(1)
      .meta({ description: 'How many of them', env: [PEER_VARIABLES['unit-count']] }),
  },
  async run({ unit, 'unit-count': count, ...flags }, context) {
    const { server, operands, nowMs, signal } = context;
    refuseOperands('lookback', operands);
    const beforeMs = before(nowMs(), unit, count);
    const results = [];
    for (const rotated of rotatedOf(flags, context))
      results.push({ alias: rotated.readAlias, removed: await lookBack(server, rotated, beforeMs, signal) });
    const rows = results.flatMap(({ alias, removed }) => removed.map((index) => [alias, index]));
    const head = `${rows.length === 0 ? 'nothing was' : 'taken out, because it was'} made before ${timeText(beforeMs)}`;
    return {
      json: { before: timeText(beforeMs), aliases: results },
      text: rows.length === 0 ? head : `${head}\n${table(['ALIAS', 'INDEX'], rows)}`,
    };
  },
});

/** Months and years are those of the calendar; the 31st of a month without one is its last day. */
function before(nowMs: number, unit: (typeof UNITS)[number], count: number): number {
  if (unit !== 'years' && unit !== 'months') return nowMs - count * FIXED_MS[unit];
  const date = new Date(nowMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - count * (unit === 'years' ? 12 : 1));
  const daysOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, daysOfMonth));
  return date.getTime();
}
