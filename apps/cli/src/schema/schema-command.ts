import { section } from '@spoor/service';
import { type CassandraSchema, cassandraConfig, cassandraSchema, cassandraSettings } from '@spoor/storage-cassandra';
import { z } from 'zod';
import { type Command, type CommandCall, subject } from '../command.ts';

/** What a command about a schema is given. */
export interface SchemaContext extends CommandCall {
  readonly keyspace: string;
  readonly schema: CassandraSchema;
}

/** Keeps the types of the flags together with the function that takes them. */
export function command<Flags extends z.core.$ZodLooseShape>(definition: Command<Flags, SchemaContext>): Command {
  return definition as unknown as Command;
}

const settings = {
  storage: section({
    type: z.enum(['cassandra']).meta({
      description: 'The store whose schema it is; --storage says it as well',
      env: ['SPAN_STORAGE_TYPE'],
    }),
    cassandra: cassandraSettings,
  }),
};

/** The keyspace as every process has it. */
export const schemaSubject = subject({
  settings,
  readsVariable: (name) => /^(SPOOR_STORAGE_(TYPE$|CASSANDRA_)|CASSANDRA_|SPAN_STORAGE_TYPE$)/.test(name),
  partOf({ storage }) {
    const { type, cassandra } = (storage ?? {}) as { type?: unknown; cassandra?: unknown };
    return { storage: { ...(type === undefined ? {} : { type }), cassandra: cassandra ?? {} } };
  },
  flagsOf: (flags) => flags.map((flag) => flag.replace(/^--storage(?==|$)/, '--storage.type')),
  open({ storage: { cassandra } }, call) {
    const config = cassandraConfig(cassandra);
    const schema = cassandraSchema(config);
    return { context: { ...call, keyspace: config.keyspace, schema }, close: () => schema.close() };
  },
});
