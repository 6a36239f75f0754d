import {
  deleteIndices,
  expiredIndices,
  type IndexFamily,
  indexPatterns,
  LAYOUT_NAMES,
  listIndices,
} from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { UsageError } from '../command.ts';
import { bytesText, table, timeText } from '../table.ts';
import { command, PEER_VARIABLES } from './search-command.ts';

const DAY_MS = 86_400_000;

export const cleanIndices = command({
  summary: 'Deletes indices that were made longer ago than so many days',
  operands: '<days> [<url>]',
  flags: {
    rollover: z
      .boolean()
      .default(false)
      .meta({ description: 'Those behind aliases, not those by date', env: [PEER_VARIABLES.rollover] }),
    'from-midnight': z
      .boolean()
      .default(false)
      .meta({ description: 'Counts the days back from the next midnight UTC, as older tools do, not from now' }),
    'dry-run': z.boolean().default(false).meta({ description: 'Only tells what would be deleted' }),
  },
  async run({ rollover, 'from-midnight': isFromMidnight, 'dry-run': isDryRun }, context) {
    const { config, server, layout, isArchive, operands, nowMs, signal, timeoutMs } = context;
    const [days = ''] = operands;
    if (!/^\d{1,6}$/.test(days) || operands.length !== 1)
      throw new UsageError('say how old what is deleted must be: spoor indices clean <days> [<url>]');
    const layouts = layout === undefined ? LAYOUT_NAMES : [layout];
    const family: IndexFamily = isArchive ? 'archive' : rollover ? 'rollover' : 'periodic';
    const fromMs = isFromMidnight ? (Math.floor(nowMs() / DAY_MS) + 1) * DAY_MS : nowMs();
    const beforeMs = fromMs - Number(days) * DAY_MS;
    const listed = await listIndices(server, indexPatterns(config.indexPrefix, layouts), signal);
    const { indexPrefix, rotation } = config;
    const expired = expiredIndices(listed, {
      indexPrefix,
      layouts,
      family,
      dateSeparator: rotation.dateSeparator,
      beforeMs,
    });
    if (!isDryRun)
      await deleteIndices(
        server,
        expired.map(({ name }) => name),
        { signal, timeoutMs },
      );
    const rows = expired.map(({ name, createdMs, bytes }) => [name, timeText(createdMs), bytesText(bytes)]);
    const before = `before ${timeText(beforeMs)}`;
    const head =
      rows.length === 0
        ? `nothing was made ${before}`
        : `${isDryRun ? 'would delete' : 'deleted'} what was made ${before}`;
    return {
      json: { done: !isDryRun, before: timeText(beforeMs), deleted: expired.map(({ name }) => name) },
      text: [head, ...(rows.length === 0 ? [] : [table(['INDEX', 'MADE', 'SIZE'], rows)])].join('\n'),
    };
  },
});
