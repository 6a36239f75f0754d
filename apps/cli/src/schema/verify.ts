import { table } from '../table.ts';
import { command } from './schema-command.ts';

export const verifySchema = command({
  summary:
    'Finds how the keyspace differs from what the settings say; exit code 1 when it does in more than what is optional',
  flags: {},
  async run(_, { keyspace, schema }) {
    const differences = await schema.verify();
    const rows = differences.map(({ name, what, is, planned, optionalFor }) => [
      name,
      what,
      is,
      optionalFor === undefined ? planned : `optional: without it there are no ${optionalFor}`,
    ]);
    const text = rows.length === 0 ? `${keyspace} is as planned` : table(['NAME', 'WHAT', 'IS', 'PLANNED'], rows);
    const isAsNeeded = differences.every(({ optionalFor }) => optionalFor !== undefined);
    return { json: { keyspace, differences }, text, exitCode: isAsNeeded ? 0 : 1 };
  },
});
