import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntimeClient, ImageName } from 'testcontainers';
import { reaperImage, startReaper } from './container-reaper.ts';
import { createImageChoice, type Engine, EngineError } from './image-choice.ts';
import type { Outside } from './outside.ts';
import { SERVER_IMAGES, type ServerName } from './server-images.ts';
import { type Shareable, sharedServer } from './shared-servers.ts';

/** What the registry may take to describe an image: one that cannot be reached is noticed here. */
const REGISTRY_DEADLINE_MS = 15_000;
const PULL_DEADLINE_MS = 180_000;
const DOCKER_HUB = 'Docker Hub';

/** Asked once by a process. */
const chooseImage = createImageChoice({
  environment: process.env,
  openEngine,
  say: (line) => void process.stderr.write(`${line}\n`),
});

/**
 * The image of a server, ready to run, or undefined where the server has to run without Docker: there is no engine on this machine,
 * or neither the image nor its registry. Who names an image gets that one or is told why not. Found out once in a test run.
 */
export async function dockerImage(name: ServerName): Promise<Outside<string> | undefined> {
  const server = SERVER_IMAGES[name];
  const outcome = (await sharedServer(questionOf(name))) ?? (await chooseImage(server));
  return 'found' in outcome || process.env[server.variable] ? outcome : undefined;
}

/** What the keeper of shared servers answers about images: nothing that runs, but looked for once a run, like what does. */
export const SHAREABLE_IMAGES: Readonly<Record<string, () => Promise<Outside<Shareable>>>> = Object.fromEntries(
  (Object.keys(SERVER_IMAGES) as ServerName[]).map((name) => [
    questionOf(name),
    async () => {
      const image = await chooseImage(SERVER_IMAGES[name]);
      return 'missing' in image ? image : { found: { address: image.found, stop: async () => {} } };
    },
  ]),
);

function questionOf(name: ServerName): string {
  return `image:${name}`;
}

async function openEngine(): Promise<Engine | { readonly absent: string }> {
  // Costs nothing where there is none.
  if (!process.env['DOCKER_HOST'] && !SOCKETS.some((path) => existsSync(path)))
    return { absent: 'there is no Docker engine on this machine' };
  try {
    const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
    const client = await within(REGISTRY_DEADLINE_MS, 'an answer from Docker', getContainerRuntimeClient());
    const { host } = client.info.containerRuntime;
    // Servers tell their clients the addresses of this machine, and their certificates hold no other.
    if (!['localhost', '127.0.0.1'].includes(host))
      return { absent: `the Docker engine publishes ports on ${host}, not on this machine's loopback address` };
    return {
      registryOf: (image) => ImageName.fromString(image).registry ?? DOCKER_HUB,
      has: (image) => client.image.exists(ImageName.fromString(image)),
      pull: (image) => pull(client, ImageName.fromString(image)),
      reaperImage,
      guard: () => startReaper(client),
    };
  } catch (error) {
    return { absent: `the Docker engine does not answer: ${error instanceof Error ? error.message : error}` };
  }
}

const SOCKETS = [
  '/var/run/docker.sock',
  join(homedir(), '.docker/run/docker.sock'),
  join(homedir(), '.docker/desktop/docker.sock'),
  join(process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`, 'docker.sock'),
  join(homedir(), '.testcontainers.properties'),
];

async function pull(client: ContainerRuntimeClient, image: ImageName): Promise<void> {
  const registry = image.registry ?? DOCKER_HUB;
  try {
    const described = client.container.dockerode.getImage(image.string).distribution();
    await within(REGISTRY_DEADLINE_MS, `an answer from ${registry}`, described);
    await within(PULL_DEADLINE_MS, `${registry}; docker pull may take longer`, client.image.pull(image));
  } catch (error) {
    const { message, statusCode } = error as Error & { readonly statusCode?: number };
    const told = message.replace(/^\(HTTP code \d+\) [a-z ]+ - /, '');
    throw new EngineError(told, NO_SUCH_IMAGE.has(statusCode ?? 0) ? undefined : registry);
  }
  // A pull that breaks off ends like any other.
  if (!(await client.image.exists(image))) throw new EngineError(`the pull from ${registry} broke off`, registry);
}

/** What engines answer about an image that the registry does not have, or not for everybody. */
const NO_SUCH_IMAGE: ReadonlySet<number> = new Set([401, 403, 404]);

async function within<T>(deadlineMs: number, describe: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms for ${describe}`)), deadlineMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
