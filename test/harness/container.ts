import type { BreakableServer } from './breakable-server.ts';
import { waitFor } from './wait-for.ts';

export interface ContainerOptions {
  /** What people call the server. */
  readonly name: string;
  readonly image: string;
  /** They are the same in the container, because servers tell clients where they listen. On the loopback address alone. */
  readonly ports: readonly number[];
  /** With what it needs beside the heap of its virtual machine. */
  readonly memoryBytes: number;
  /** Where the image keeps its data. */
  readonly dataDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Contents of files by their paths in the container; everybody there may read them. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** In place of the image's own. */
  readonly command?: readonly string[];
  /** Resolves when the server answers; is tried again while it throws. */
  answers(): Promise<unknown>;
}

/** A server in a container. It goes with the test run, whatever becomes of that. */
export interface ServerContainer extends BreakableServer {
  /** Runs a program in it. Gives what that prints; throws when it fails. */
  execute(...words: string[]): Promise<string>;
  /** Renames a file or a folder of its data directory, while it is killed. */
  renameData(from: string, to: string): Promise<void>;
}

const READY_DEADLINE_MS = 240_000;
const LOG_TAIL_LINES = 60;
/** Of each piece of a log, before its text: the stream's number, three zeros, the length. */
const LOG_HEADER_BYTES = 8;

/** Resolves when the server answers. */
export async function startContainer(options: ContainerOptions): Promise<ServerContainer> {
  const { name, image, ports, memoryBytes, dataDirectory, environment, files = {}, command, answers } = options;
  const { getContainerRuntimeClient, Wait } = await import('testcontainers');
  const { LoopbackContainer } = await import('./loopback-container.ts');
  const wanted = new LoopbackContainer(image)
    .withExposedPorts(...ports.map((port) => ({ host: port, container: port })))
    .withMemory(memoryBytes)
    .withVolume(dataDirectory)
    .withEnvironment({ ...environment })
    .withCopyContentToContainer(Object.entries(files).map(([target, content]) => ({ target, content, mode: 0o644 })))
    // Whether the server is there is asked below, at every start.
    .withWaitStrategy(Wait.forAll([]));
  if (command !== undefined) wanted.withCommand([...command]);
  const started = await wanted.start();
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(started.getId());

  async function ready(answer: () => Promise<unknown>): Promise<void> {
    try {
      const outcome = await waitFor(
        async () => {
          if (!(await container.inspect()).State.Running) return 'ended';
          await answer();
          return 'answered';
        },
        { describe: `an answer from ${name}`, deadlineMs: READY_DEADLINE_MS, intervalMs: 200 },
      );
      if (outcome === 'ended') throw new Error(`${name} ended`);
    } catch (error) {
      const log = textOf(await container.logs({ stdout: true, stderr: true, tail: LOG_TAIL_LINES }));
      await stop();
      const instead = 'SPOOR_TEST_DOCKER=no starts it in local Java';
      throw new Error(`${name} did not start in a container of ${image} (${instead}); it logged:\n${log}`, {
        cause: error,
      });
    }
  }

  let isRemoved = false;
  async function stop(): Promise<void> {
    if (isRemoved) return;
    isRemoved = true;
    await container.remove({ force: true, v: true });
  }

  await ready(answers);
  return {
    async kill() {
      await container.kill({ signal: 'SIGKILL' });
      await container.wait();
    },
    async revive(answer = answers) {
      await container.start();
      await ready(answer);
    },
    async freeze() {
      await container.pause();
    },
    async thaw() {
      await container.unpause();
    },
    stop,
    async execute(...words) {
      const { exitCode, stdout, stderr } = await client.container.exec(container, words);
      if (exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${exitCode} in ${name}: ${stdout}${stderr}`);
      return stdout;
    },
    async renameData(from, to) {
      const paths = [from, to].map((path) => `${dataDirectory}/${path}`);
      // What does not run executes nothing: another container borrows its volume.
      const { Labels } = (await container.inspect()).Config;
      const mover = await client.container.create({
        Image: image,
        Entrypoint: ['mv'],
        Cmd: paths,
        User: '0',
        Labels,
        HostConfig: { VolumesFrom: [container.id] },
      });
      await mover.start();
      const { StatusCode } = (await mover.wait()) as { readonly StatusCode: number };
      const log = textOf(await mover.logs({ stdout: true, stderr: true }));
      await mover.remove();
      if (StatusCode !== 0) throw new Error(`${from} of ${name} could not be renamed: ${log}`);
    },
  };
}

function textOf(log: Buffer): string {
  let text = '';
  for (let at = 0; at + LOG_HEADER_BYTES <= log.length; ) {
    const start = at + LOG_HEADER_BYTES;
    at = start + log.readUInt32BE(at + 4);
    text += log.toString('utf8', start, at);
  }
  return text;
}
