import { describeStorage } from '@spoor/storage/contract';
import { LAYOUT_NAMES } from '@spoor/storage-elasticsearch';
import { describe, test } from 'vitest';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { openSearchStore, TRAITS } from './open-search-store.ts';

const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(flavour, () => {
    if ('missing' in outside) return;
    for (const layout of LAYOUT_NAMES) {
      describeStorage(`${flavour}, layout ${layout}`, {
        open: () => openSearchStore(outside.found.url, { layout }),
        traits: TRAITS[layout],
      });
    }
  });
}
