import { initialiseAliases } from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { table } from '../table.ts';
import { refuseOperands } from './operands.ts';
import { kindFlags, rotatedKinds } from './rotated.ts';
import { command, PEER_VARIABLES } from './search-command.ts';

const priority = (kind: 'span' | 'service' | 'dependencies' | 'sampling') =>
  z
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: `Of the index template of ${kind}`, env: [PEER_VARIABLES[`priority-${kind}-template`]] });

export const initialiseIndices = command({
  summary: 'Puts the index templates and makes the first indices with their aliases, where they are missing',
  operands: '[<url>]',
  flags: {
    ...kindFlags,
    shards: z
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: 'As storage.elasticsearch.shards', env: [PEER_VARIABLES.shards] }),
    replicas: z
      .number()
      .int()
      .min(0)
      .optional()
      .meta({ description: 'As storage.elasticsearch.replicas', env: [PEER_VARIABLES.replicas] }),
    'create-policy': z.boolean().default(false).meta({
      description:
        'Makes the life-cycle policy, if there is none: rolls over at storage.elasticsearch.rotation.maxAge, maxBytes or maxDocuments, and deletes at retention.maxAge',
    }),
    'priority-span-template': priority('span'),
    'priority-service-template': priority('service'),
    'priority-dependencies-template': priority('dependencies'),
    'priority-sampling-template': priority('sampling'),
  },
  async run(flags, context) {
    const { server, config, layout, operands, signal, policy } = context;
    refuseOperands('init', operands);
    const { 'priority-span-template': span, 'priority-service-template': service } = flags;
    const { 'priority-dependencies-template': dependencies, 'priority-sampling-template': sampling } = flags;
    const given = Object.entries({ span, service, dependencies, sampling }).filter(([, value]) => value !== undefined);
    const made = await initialiseAliases(server, {
      config: { ...config, shards: flags.shards ?? config.shards, replicas: flags.replicas ?? config.replicas },
      layout: layout ?? config.layout,
      kinds: rotatedKinds(flags, context),
      priorities: Object.fromEntries(given),
      policy,
      createPolicy: flags['create-policy'],
      signal,
    });
    return {
      json: { aliases: made },
      text: table(
        ['TEMPLATE', 'WRITE', 'READ'],
        made.map(({ base, writeAlias, readAlias }) => [base, writeAlias, readAlias]),
      ),
    };
  },
});
