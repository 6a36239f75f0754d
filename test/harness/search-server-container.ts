import { startContainer } from './container.ts';
import { freePorts } from './free-ports.ts';
import { answersHealth, type Flavour, nodeSettings } from './search-flavours.ts';
import type { OwnSearchServer, OwnSearchServerOptions } from './search-server.ts';
import { SERVER_IMAGES } from './server-images.ts';

/** As in local Java, but for the collector of garbage: the images choose theirs, and two cannot be had. */
const SMALL = '-Xms512m -Xmx512m -XX:TieredStopAtLevel=1';
const MEMORY_BYTES = 1_610_612_736;

/** A single node in a container of an official image, with everything that this brings but security. */
export async function startSearchContainer(
  { flavour, container }: Flavour,
  image: string,
  options: OwnSearchServerOptions,
): Promise<Omit<OwnSearchServer, 'version'>> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const server = await startContainer({
    name: SERVER_IMAGES[flavour].name,
    image,
    ports: [port],
    memoryBytes: MEMORY_BYTES,
    dataDirectory: container.dataDirectory,
    environment: {
      ...container.environment(SMALL),
      ...nodeSettings(port),
      'discovery.type': 'single-node',
      // Clients that ask for the nodes' addresses get the one that leads to the container.
      'http.publish_host': '127.0.0.1',
      ...options.settings,
    },
    answers: () => answersHealth(url, 'yellow'),
  });
  const { kill, freeze, thaw, stop, renameData } = server;
  return {
    url,
    flavour,
    kill,
    revive: ({ shardsMayMiss = false } = {}) =>
      server.revive(() => answersHealth(url, shardsMayMiss ? 'red' : 'yellow')),
    freeze,
    thaw,
    renameData,
    stop,
  };
}
