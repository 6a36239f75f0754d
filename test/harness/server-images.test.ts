import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RYUK_IMAGE } from './container-reaper.ts';
import { SERVER_IMAGES } from './server-images.ts';
import { repositoryRoot } from './spoor-process.ts';

test('people are told the images that tests take, and the variables that name others', () => {
  const told = readFileSync(join(repositoryRoot, 'CONTRIBUTING.md'), 'utf8');
  for (const { official, variable } of Object.values(SERVER_IMAGES))
    expect(told).toContain(`\`${official}\`, \`${variable}\``);
  expect(told).toContain(`\`${RYUK_IMAGE}\``);
});
