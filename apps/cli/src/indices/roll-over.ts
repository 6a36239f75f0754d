import { type RolloverConditions, rollOver } from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { table } from '../table.ts';
import { refuseOperands } from './operands.ts';
import { kindFlags, rotatedOf } from './rotated.ts';
import { command, PEER_VARIABLES } from './search-command.ts';

const conditions = z.string().transform((text, context): RolloverConditions => {
  const parsed = z.record(z.string(), z.union([z.string(), z.number()])).safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'is not JSON of conditions', input: text });
  return z.NEVER;
});

export const rollOverIndices = command({
  summary: 'Begins new indices behind the aliases where a condition is met',
  operands: '[<url>]',
  flags: {
    ...kindFlags,
    conditions: conditions.prefault('{"max_age": "2d"}').meta({
      description: 'One that is met is enough; {} always begins a new index',
      accepts: 'JSON such as {"max_age":"2d","max_size":"50gb","max_docs":1000000}',
      env: [PEER_VARIABLES.conditions],
    }),
  },
  async run({ conditions: wanted, ...flags }, context) {
    const { server, operands, signal } = context;
    refuseOperands('rollover', operands);
    const results = [];
    for (const rotated of rotatedOf(flags, context))
      results.push({ alias: rotated.writeAlias, ...(await rollOver(server, rotated, wanted, signal)) });
    const rows = results.map(({ alias, rolledOver, oldIndex, newIndex }) => [
      alias,
      oldIndex,
      rolledOver ? newIndex : 'stays: no condition is met',
    ]);
    return { json: { aliases: results }, text: table(['ALIAS', 'WAS', 'IS'], rows) };
  },
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
