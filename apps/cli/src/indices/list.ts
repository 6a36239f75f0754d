import { indexPatterns, LAYOUT_NAMES, listIndices } from '@spoor/storage-elasticsearch';
import { bytesText, table, timeText } from '../table.ts';
import { refuseOperands } from './operands.ts';
import { command } from './search-command.ts';

export const listAll = command({
  summary: 'Lists the indices of both layouts, the oldest first',
  operands: '[<url>]',
  flags: {},
  async run(_, { server, config, layout, isArchive, operands, signal }) {
    refuseOperands('list', operands);
    const layouts = layout === undefined ? LAYOUT_NAMES : [layout];
    const listed = await listIndices(server, indexPatterns(config.indexPrefix, layouts), signal);
    const indices = isArchive ? listed.filter(({ name }) => name.includes('-archive')) : listed;
    const rows = indices.map(({ name, createdMs, health, shards, replicas, documents, bytes, aliases }) => [
      name,
      timeText(createdMs),
      health,
      `${shards} × ${replicas + 1}`,
      documents,
      bytesText(bytes),
      aliases.join(' '),
    ]);
    const head = ['INDEX', 'MADE', 'HEALTH', 'SHARDS', 'DOCUMENTS', 'SIZE', 'ALIASES'];
    return {
      json: { indices: indices.map(({ createdMs, ...index }) => ({ ...index, created: timeText(createdMs) })) },
      text: rows.length === 0 ? 'there are no indices' : table(head, rows),
    };
  },
});
