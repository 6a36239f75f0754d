import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** What each workspace may import of the others. Arrows point one way: apps → libs; stores → storage → model; wire formats → model. */
const ALLOWED: Record<string, readonly string[]> = {
  'libs/model': [],
  'libs/metrics': [],
  'libs/otlp': ['model'],
  'libs/thrift': ['model'],
  'libs/grpc': ['model', 'service'],
  'libs/jaeger': ['model', 'otlp', 'thrift'],
  'libs/zipkin': ['jaeger', 'model', 'otlp', 'thrift'],
  'libs/encodings': ['jaeger', 'model', 'otlp', 'zipkin'],
  'libs/sampling': ['model', 'otlp', 'service', 'storage'],
  'libs/self-tracing': ['model', 'service', 'span-log', 'storage'],
  'libs/span-log': ['metrics', 'model', 'service'],
  'libs/storage': ['model'],
  'libs/service': ['model'],
  'libs/derive': ['metrics', 'model', 'otlp', 'storage'],
  'libs/storage-embedded': ['metrics', 'model', 'storage', 'otlp'],
  'libs/storage-elasticsearch': ['jaeger', 'metrics', 'model', 'otlp', 'service', 'storage'],
  'libs/storage-cassandra': ['jaeger', 'metrics', 'model', 'otlp', 'service', 'storage'],
  // The one place that knows every store.
  'libs/stores': ['model', 'service', 'storage', 'storage-cassandra', 'storage-elasticsearch', 'storage-embedded'],
  'apps/collector': [
    'encodings',
    'grpc',
    'jaeger',
    'metrics',
    'model',
    'otlp',
    'sampling',
    'self-tracing',
    'service',
    'span-log',
    'storage',
    'stores',
    'thrift',
    'zipkin',
  ],
  'apps/agent': ['jaeger', 'metrics', 'model', 'otlp', 'sampling', 'self-tracing', 'service', 'thrift', 'zipkin'],
  'apps/ingester': [
    'derive',
    'encodings',
    'metrics',
    'model',
    'otlp',
    'self-tracing',
    'service',
    'span-log',
    'storage',
    'stores',
  ],
  'apps/query': ['jaeger', 'metrics', 'model', 'otlp', 'self-tracing', 'service', 'storage', 'stores'],
  'apps/all-in-one': [
    'jaeger',
    'metrics',
    'model',
    'otlp',
    'self-tracing',
    'service',
    'span-log',
    'stores',
    'agent',
    'collector',
    'ingester',
    'query',
  ],
  'apps/cli': ['encodings', 'model', 'otlp', 'service', 'span-log', 'storage-cassandra', 'storage-elasticsearch'],
  'apps/ui': ['model', 'otlp'],
};

const root = resolve(import.meta.dirname, '..');
const workspaces = ['apps', 'libs'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => `${group}/${name}`),
);

/** Tests and contract suites may also use what makes data for them. */
function isProductSource(path: string): boolean {
  return /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !/(^|\/)(contract|dist)/.test(path);
}

function sourcesOf(workspace: string): string[] {
  return readdirSync(join(root, workspace), { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.includes('node_modules') && isProductSource(path))
    .map((path) => join(root, workspace, path));
}

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

test.each(workspaces)('%s imports only what it may', (workspace) => {
  const allowed = ALLOWED[workspace];
  expect(allowed, `${workspace} is not in the table`).toBeDefined();
  const wrong: string[] = [];
  for (const file of sourcesOf(workspace)) {
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      const inside =
        specifier.startsWith('.') &&
        !relative(join(root, workspace), resolve(dirname(file), specifier)).startsWith('..');
      const spoor = /^@spoor\/([a-z-]+)(\/settings)?$/.exec(specifier)?.[1];
      const ofOurs = specifier.startsWith('.') || specifier.startsWith('@spoor/');
      if (ofOurs && !inside && !(spoor !== undefined && allowed?.includes(spoor)))
        wrong.push(`${relative(root, file)}: ${specifier}`);
    }
  }
  expect(wrong).toEqual([]);
});

test.each(workspaces.filter((workspace) => workspace.startsWith('libs/')))(
  '%s neither reads the environment, prints, nor exits',
  (workspace) => {
    const wrong = sourcesOf(workspace).filter((file) =>
      /\bprocess\.(env|exit|argv|stdout|stderr)\b|\bconsole\./.test(readFileSync(file, 'utf8')),
    );
    expect(wrong.map((file) => relative(root, file))).toEqual([]);
  },
);
