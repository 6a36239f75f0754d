import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { smallVirtualMachine, startJava } from './java-process.ts';
import type { Outside } from './outside.ts';
import { answersHealth, ELASTICSEARCH, type Flavour, nodeSettings, OPENSEARCH } from './search-flavours.ts';
import type { OwnSearchServer, OwnSearchServerOptions } from './search-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A server in a process of this machine, wherever Docker is. */
export interface JavaSearchServer extends OwnSearchServer {
  /** Of the server's process; another one after `revive`. */
  readonly pid: number;
}

export interface JavaSearchServerOptions extends OwnSearchServerOptions {
  /** Of the virtual machine, in place of those that make it small. */
  readonly javaArgs?: readonly string[];
}

/** A single node in a Java virtual machine of this machine: for measurements. */
export function startElasticsearchInJava(options: JavaSearchServerOptions = {}): Promise<Outside<JavaSearchServer>> {
  return startInJava(ELASTICSEARCH, options);
}

/** A single node in a Java virtual machine of this machine: for measurements. */
export function startOpenSearchInJava(options: JavaSearchServerOptions = {}): Promise<Outside<JavaSearchServer>> {
  return startInJava(OPENSEARCH, options);
}

/** On a free port of the loopback address. */
export async function startInJava(
  { flavour, java }: Flavour,
  options: JavaSearchServerOptions,
): Promise<Outside<JavaSearchServer>> {
  const node = await java.node();
  if ('missing' in node) return node;
  const directory = temporaryDirectory(flavour);
  const [port = 0, transportPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const dataDirectory = join(directory.path, 'data');
  const settings = {
    ...nodeSettings(port),
    'network.host': '127.0.0.1',
    'transport.port': String(transportPort),
    'path.data': dataDirectory,
    ...java.settings(transportPort),
    ...options.settings,
  };
  const server = await startJava({
    name: flavour,
    args: [
      ...(options.javaArgs ?? smallVirtualMachine('512m')),
      ...node.found.args,
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    ],
    startedLine: node.found.startedLine,
    answers: () => answersHealth(url, 'yellow'),
  });
  const { kill, freeze, thaw } = server;
  return {
    found: {
      url,
      flavour,
      version: java.version,
      get pid() {
        return server.pid;
      },
      kill,
      revive: ({ shardsMayMiss = false } = {}) =>
        server.revive(() => answersHealth(url, shardsMayMiss ? 'red' : 'yellow')),
      freeze,
      thaw,
      renameData: (from, to) => rename(join(dataDirectory, from), join(dataDirectory, to)),
      async stop() {
        await server.stop();
        directory.remove();
      },
    },
  };
}
