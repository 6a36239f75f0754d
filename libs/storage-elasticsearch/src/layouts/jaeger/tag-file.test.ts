import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../../../../test/harness/temporary-directory.ts';
import { elasticsearchConfig } from '../../settings.ts';
import { createLayout } from '../layouts.ts';
import { createTagFields } from './tag-fields.ts';
import { withTagFile } from './tag-file.ts';

const tag = (key: string) => ({ key, value: 'x' });

test('tags of the file become fields, as those that are named', () => {
  const directory = temporaryDirectory('tag-file');
  const configFile = join(directory.path, 'tags.txt');
  writeFileSync(configFile, 'http.method\r\n\n  http.status_code  \n');
  const fields = createTagFields(withTagFile({ all: false, include: ['own'], dotReplacement: '@', configFile }));
  const split = fields.split([tag('http.method'), tag('http.status_code'), tag('own'), tag('other'), tag('')]);
  expect(split.fields.map(({ key }) => key)).toEqual(['http.method', 'http.status_code', 'own']);
  directory.remove();
});

test('a file that is not there is told before anything is written without its fields', () => {
  const config = elasticsearchConfig({ layout: 'jaeger', tagsAsFields: { configFile: '/nowhere/tags' } });
  expect(() => createLayout('jaeger', config)).toThrow(
    expect.objectContaining({ code: 'SPOOR_INVALID_CONFIGURATION', message: expect.stringContaining('configFile') }),
  );
});
