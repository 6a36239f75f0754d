import { table } from '../table.ts';
import { command } from './schema-command.ts';

export const verifySchema = command({
  summary: 'Finds how the keyspace differs from what the settings say; exit code 1 when it does',
  flags: {},
  async run(_, { keyspace, schema }) {
    const differences = await schema.verify();
    const rows = differences.map(({ name, what, is, planned }) => [name, what, is, planned]);
    const text = rows.length === 0 ? `${keyspace} is as planned` : table(['NAME', 'WHAT', 'IS', 'PLANNED'], rows);
    return { json: { keyspace, differences }, text, exitCode: rows.length === 0 ? 0 : 1 };
  },
});
