import { applySchema } from './apply.ts';
import { verifySchema } from './verify.ts';

export { schemaSubject } from './schema-command.ts';
export const schemaCommands = { apply: applySchema, verify: verifySchema };
