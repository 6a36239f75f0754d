import { waitFor } from './wait-for.ts';

export interface ContainerOptions {
  /** What people call the server. */
  readonly name: string;
  readonly image: string;
  /** The ports of the host, chosen free, and those of the container that are there under them. */
  readonly ports: ReadonlyMap<number, number>;
  readonly environment: Readonly<Record<string, string>>;
  /** Contents of files by their paths in the container; everybody there may read them. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** In place of the image's own. */
  readonly command?: readonly string[];
  /** Resolves when the server answers; is tried again while it throws. */
  answers(): Promise<unknown>;
}

/** A server in a container, which may be broken. It goes with the test run, whatever becomes of that. */
export interface ServerContainer {
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again with the same data and the same ports. */
  revive(answers?: () => Promise<unknown>): Promise<void>;
  /** Its processes run no more; the system goes on taking connections for them. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Removes it with its data. */
  stop(): Promise<void>;
}

const READY_DEADLINE_MS = 240_000;
const LOG_TAIL_LINES = 60;
/** Of each piece of a log, before its text: the stream's number, three zeros, the length. */
const LOG_HEADER_BYTES = 8;

/** Resolves when the server answers. */
export async function startContainer(options: ContainerOptions): Promise<ServerContainer> {
  const { name, image, ports, environment, files = {}, command, answers } = options;
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const wanted = new GenericContainer(image)
    .withExposedPorts(...[...ports].map(([host, container]) => ({ host, container })))
    .withEnvironment({ ...environment })
    .withCopyContentToContainer(Object.entries(files).map(([target, content]) => ({ target, content, mode: 0o644 })))
    // Whether the server is there is asked below, at every start.
    .withWaitStrategy(Wait.forAll([]));
  if (command !== undefined) wanted.withCommand([...command]);
  const started = await wanted.start();
  const container = (await getContainerRuntimeClient()).container.getById(started.getId());

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
      throw new Error(`${name} did not start in a container of ${image}; it logged:\n${log}`, { cause: error });
    }
  }

  async function stop(): Promise<void> {
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
