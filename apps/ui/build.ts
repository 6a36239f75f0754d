import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const dist = join(here, 'dist');
const stampFile = join(dist, 'inputs.sha256');

/** The shell's budget: compressed script before the first paint. */
const maxFirstPaintBytes = 100_000;

/** Everything that decides what the build puts out, by content, so that neither a checkout nor a copy makes it old. */
function hashInputs(): string {
  const hash = createHash('sha256');
  const patterns = [
    'apps/ui/{src,public}/**/*.*',
    'apps/ui/{index.html,build.ts,vite.config.ts,package.json}',
    'libs/{model,otlp}/src/**/*.ts',
    'package-lock.json',
  ];
  for (const path of globSync(patterns, { cwd: root, exclude: ['**/*.test.*'] }).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

interface Compressed {
  readonly path: string;
  readonly bytes: number;
  readonly brotliBytes: number;
}

/** Writes `.br` and `.gz` beside every text asset, so that the server never compresses. */
function precompress(): Compressed[] {
  return globSync('**/*.{js,css,html,svg}', { cwd: dist }).map((path) => {
    const content = readFileSync(join(dist, path));
    const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    writeFileSync(join(dist, `${path}.br`), brotli);
    writeFileSync(join(dist, `${path}.gz`), gzipSync(content, { level: 9 }));
    return { path: path.replaceAll('\\', '/'), bytes: content.length, brotliBytes: brotli.length };
  });
}

interface ManifestChunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

/** The scripts that the browser must have before it paints the shell: the entry and all it imports statically. */
function firstPaintScripts(): Set<string> {
  const manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')) as Record<string, ManifestChunk>;
  const files = new Set(['theme.js']);
  const add = (key: string) => {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const imported of chunk.imports ?? []) add(imported);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) add(key);
  return files;
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

function report(files: readonly Compressed[]): void {
  const first = firstPaintScripts();
  for (const file of [...files].sort((a, b) => b.brotliBytes - a.brotliBytes)) {
    const mark = first.has(file.path) ? '*' : ' ';
    console.log(
      `${mark} ${kilobytes(file.brotliBytes).padStart(9)}  ${kilobytes(file.bytes).padStart(9)}  ${file.path}`,
    );
  }
  const bytes = files.filter((file) => first.has(file.path)).reduce((sum, file) => sum + file.brotliBytes, 0);
  console.log(`UI built. Script before the first paint (*): ${kilobytes(bytes)} compressed.`);
  if (bytes > maxFirstPaintBytes) {
    throw new Error(
      `the shell's script is over its budget of ${kilobytes(maxFirstPaintBytes)}: load what it does not need lazily`,
    );
  }
}

const inputs = hashInputs();
const isCurrent = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === inputs;
if (!(process.argv.includes('--if-old') && isCurrent)) {
  // Vite keeps what is set, and a test that starts Spoor sets `test`: React would come in its slow form for development.
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
  report(precompress());
  // Last, so that a build that was broken off counts as old.
  writeFileSync(stampFile, inputs);
  console.log(`Written to ${relative(process.cwd(), dist) || '.'}`);
}
