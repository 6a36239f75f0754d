import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below those that systems give to the near end of connections (from 32768 on Linux, from 49152 elsewhere). Among those, a server
 * that is killed and comes back may find its port taken: by any connection, even by one that somebody opened to the port itself.
 */
const FIRST_PORT = 20_000;
const END_OF_PORTS = 32_768;
const TRIES_PER_PORT = 50;

/** Ports of the loopback address for servers that cannot choose one themselves. Taken all at once, so that none is given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries > TRIES_PER_PORT * count) throw new Error(`no ${count} free ports from ${FIRST_PORT} on`);
    const port = randomInt(FIRST_PORT, END_OF_PORTS);
    const server = createServer();
    if (!(await listens(server, port))) continue;
    servers.push(server);
    ports.push(port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}
