import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { Outside } from './outside.ts';
import { sharedServer } from './shared-servers.ts';

/** An image that a server for tests comes from. */
export interface ServerImage {
  /** The official one. */
  readonly official: string;
  /** The environment variable that names another. */
  readonly variable: string;
}

/** How a question about an image begins that is put to the keeper of shared servers. */
export const IMAGE_QUESTION = 'image:';

const REGISTRY_DEADLINE_MS = 15_000;
const PULL_DEADLINE_MS = 600_000;
/** Says `no` where there is a Docker engine that tests shall leave alone. */
const SWITCH = 'SPOOR_TEST_DOCKER';

/**
 * The image, ready to run, or undefined where the server has to run without Docker: there is no engine on this machine, or neither
 * the image nor its registry. Who names an image gets that one or is told why not. Found out once in a test run.
 */
export async function dockerImage({ official, variable }: ServerImage): Promise<Outside<string> | undefined> {
  const named = process.env[variable];
  const image = named || official;
  if (!named && !mayHaveEngine()) return undefined;
  const outcome = (await sharedServer(`${IMAGE_QUESTION}${encodeURIComponent(image)}`)) ?? (await imageOnce(image));
  if ('found' in outcome || named) return outcome;
  return undefined;
}

const answered = new Map<string, Promise<Outside<string>>>();

/** Whether the image is there, or could be pulled; asked of Docker once by a process. */
export function imageOnce(image: string): Promise<Outside<string>> {
  const answer = answered.get(image) ?? lookFor(image);
  answered.set(image, answer);
  return answer;
}

/** Costs nothing where there is none. */
function mayHaveEngine(): boolean {
  if (process.env[SWITCH] === 'no') return false;
  if (process.env['DOCKER_HOST']) return true;
  const sockets = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
    join(process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`, 'docker.sock'),
    join(homedir(), '.testcontainers.properties'),
  ];
  return sockets.some((path) => existsSync(path));
}

async function lookFor(image: string): Promise<Outside<string>> {
  const remedy = 'Start a Docker engine on this machine that has the image or can pull it';
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    const client = await within(REGISTRY_DEADLINE_MS, 'an answer from Docker', getContainerRuntimeClient());
    const { host } = client.info.containerRuntime;
    // Servers tell their clients the addresses of this machine, and their certificates hold no other.
    if (!['localhost', '127.0.0.1'].includes(host)) return { missing: `The Docker engine is on ${host}`, remedy };
    for (const wanted of [image, ...helperImages()]) await pull(client, wanted);
    return { found: image };
  } catch (error) {
    return { missing: `Docker has no image ${image}: ${error instanceof Error ? error.message : error}`, remedy };
  }
}

/** What removes containers whose test run was killed, under the names by which testcontainers knows it. */
function helperImages(): string[] {
  if (process.env['TESTCONTAINERS_RYUK_DISABLED'] === 'true') return [];
  return [process.env['RYUK_CONTAINER_IMAGE'] ?? 'testcontainers/ryuk:0.14.0'];
}

async function pull(client: ContainerRuntimeClient, image: string): Promise<void> {
  const { ImageName } = await import('testcontainers');
  const name = ImageName.fromString(image);
  if (await client.image.exists(name)) return;
  // A registry that cannot be reached is noticed here; the pull itself may take long.
  const described = client.container.dockerode.getImage(name.string).distribution();
  await within(REGISTRY_DEADLINE_MS, `the registry of ${image}`, described);
  await within(PULL_DEADLINE_MS, `the pull of ${image}`, client.image.pull(name));
}

async function within<T>(deadlineMs: number, describe: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms for ${describe}`)), deadlineMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
