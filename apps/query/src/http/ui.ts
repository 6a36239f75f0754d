import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Where the build puts the files whose names carry a hash of their content. */
const HASHED_DIRECTORY = `${sep}assets${sep}`;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Spoor</title>
<h1>The pages of Spoor are not built</h1>
<p>Run <code>npm run build</code> in Spoor's folder and load this page again. The API works without them: <a href="api/v3/services">api/v3/services</a>.</p>
`;

const NO_UI = '404 page not found\n';

/** What not every store can do, by the peer's names (CONTRACT §7.7). */
export type Capability = 'archiveStorage' | 'metricsStorage';

export interface UiHosting {
  /** Answers a path that is no file: a route of the UI gets its page (CONTRACT §7.7), a file that is gone a 404. */
  sendPage(reply: FastifyReply, path: string): Promise<FastifyReply>;
}

/**
 * Serves the built UI. Hashed files may be kept for ever, the page itself is asked for each time. Files with a `.br` or `.gz`
 * neighbour go out compressed.
 */
export async function registerUi(
  app: FastifyInstance,
  uiDirectory: string | undefined,
  basePath: string,
  capabilities: readonly Capability[],
): Promise<UiHosting> {
  if (uiDirectory !== undefined)
    await app.register(fastifyStatic, {
      root: uiDirectory,
      prefix: '/',
      index: false,
      preCompressed: true,
      cacheControl: false,
      suppressWarning: true,
      // The folder itself is answered like a route of the UI, whatever encodings the client takes.
      allowedPath: (path) => path !== '/' && path !== '/index.html',
      setHeaders: (reply, path) => {
        const isHashed = path.includes(HASHED_DIRECTORY);
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  return {
    async sendPage(reply, path) {
      if (path.startsWith('/assets/')) return reply.code(404).type('text/plain; charset=utf-8').send(NO_UI);
      const page =
        uiDirectory === undefined ? undefined : await readPage(join(uiDirectory, 'index.html'), basePath, capabilities);
      reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8');
      return page === undefined ? reply.code(503).send(NOT_BUILT) : reply.code(200).send(page);
    },
  };
}

/** The page that knows where it is served, and what the store behind it can do; `undefined` when it is not built. */
async function readPage(
  path: string,
  basePath: string,
  capabilities: readonly Capability[],
): Promise<string | undefined> {
  let page: string;
  try {
    page = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return page
    .replace('<base href="/"', `<base href="${basePath}/"`)
    .replace('<meta name="backend-capabilities" content=""', (tag) => tag.replace('""', `"${capabilities.join(' ')}"`));
}
