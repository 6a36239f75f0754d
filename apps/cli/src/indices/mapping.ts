import { LAYOUT_NAMES, type LayoutName, printedTemplate, type RotatedKind } from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { refuseOperands } from './operands.ts';
import { command, PEER_VARIABLES } from './search-command.ts';

const KINDS = ['span', 'service', 'dependencies', 'sampling'] as const;
const NAMES = [
  ...LAYOUT_NAMES.flatMap((layout) => KINDS.map((kind) => `${layout}-${kind}` as const)),
  // In either layout.
  'spoor-metrics' as const,
];

export const printMapping = command({
  summary: 'Prints an index template, and asks no server',
  flags: {
    mapping: z.enum(NAMES).meta({ description: 'Of which indices' }),
    'es-version': z
      .enum(['7', '8', '9', '101', '102', '103'])
      .default('8')
      .meta({ description: 'For which servers: Elasticsearch 7 to 9, OpenSearch 1 to 3 (101 to 103)' }),
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
    'use-ilm': z.boolean().default(false).meta({ description: 'As --es.use-ilm' }),
    'ilm-policy-name': z.string().min(1).default('jaeger-ilm-policy').meta({ description: 'As --es.ilm-policy-name' }),
  },
  async run(
    { mapping, 'es-version': version, 'use-ilm': usesPolicy, 'ilm-policy-name': policyName, ...flags },
    context,
  ) {
    const { config, operands, policy } = context;
    refuseOperands('mapping', operands);
    const number = Number(version);
    const [layout, kind] = mapping.split('-') as [LayoutName, RotatedKind | 'metrics'];
    const template = printedTemplate(kind, {
      config: { ...config, shards: flags.shards ?? config.shards, replicas: flags.replicas ?? config.replicas },
      layout,
      policy: usesPolicy ? policyName : policy,
      version:
        number > 100 ? { flavour: 'opensearch', major: number - 100 } : { flavour: 'elasticsearch', major: number },
    });
    return { json: template, text: JSON.stringify(template, null, 2) };
  },
});
