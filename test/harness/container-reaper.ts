import { randomUUID } from 'node:crypto';
import type { ContainerRuntimeClient } from 'testcontainers';

/** Ryuk: it removes the containers of a test run when nobody of that run is connected to it any more. */
export const RYUK_IMAGE = 'testcontainers/ryuk:0.14.0';
const RYUK_PORT = 8080;
const RYUK_LABEL = 'org.testcontainers.ryuk';

/** Undefined where the environment says that somebody else removes containers. */
export function reaperImage(): string | undefined {
  if (process.env['TESTCONTAINERS_RYUK_DISABLED'] === 'true') return undefined;
  process.env['RYUK_CONTAINER_IMAGE'] ??= RYUK_IMAGE;
  return process.env['RYUK_CONTAINER_IMAGE'];
}

/**
 * Connects this process with a Ryuk, which it starts where none runs: testcontainers would start one that anybody in the network
 * can tell what to remove. Processes of the same run find it.
 */
export async function startReaper(client: ContainerRuntimeClient): Promise<void> {
  const { getReaper, LABEL_TESTCONTAINERS_SESSION_ID, Wait } = await import('testcontainers');
  const { LoopbackContainer } = await import('./loopback-container.ts');
  const image = reaperImage();
  const running = await client.container.dockerode.listContainers({ filters: { label: [`${RYUK_LABEL}=true`] } });
  if (image !== undefined && running.length === 0)
    await new LoopbackContainer(image)
      .withExposedPorts(RYUK_PORT)
      .withBindMounts([{ source: client.info.containerRuntime.remoteSocketPath, target: '/var/run/docker.sock' }])
      .withLabels({ [RYUK_LABEL]: 'true', [LABEL_TESTCONTAINERS_SESSION_ID]: randomUUID() })
      .withWaitStrategy(Wait.forLogMessage(/Started/))
      .start();
  await getReaper(client);
}
