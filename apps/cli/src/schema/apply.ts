import { command } from './schema-command.ts';

export const applySchema = command({
  summary: 'Creates what is missing of keyspace, types and tables; changes nothing that is there',
  flags: {},
  async run(_, { keyspace, schema }) {
    const statements = await schema.apply();
    const text =
      statements.length === 0 ? `nothing was missing in ${keyspace}` : statements.map((one) => `${one};`).join('\n');
    return { json: { keyspace, statements }, text };
  },
});
