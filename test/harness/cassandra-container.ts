import { readFileSync } from 'node:fs';
import type { OwnCassandra, OwnCassandraOptions } from './cassandra.ts';
import { type CassandraPlace, cassandraYaml, quickStart } from './cassandra-settings.ts';
import { startContainer } from './container.ts';
import { answersCql } from './cql-answer.ts';
import { freePorts } from './free-ports.ts';
import { createKafkaCertificate } from './kafka-certificate.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const MEMORY_BYTES = 1_610_612_736;
/** A volume of the image. */
const DATA_DIRECTORY = '/var/lib/cassandra';
const FILES = '/tmp/spoor-test';

/**
 * A node in a container of the official image. That edits its own `cassandra.yaml` by the environment, which knows neither the port
 * for clients nor TLS: another one is put beside it.
 */
export async function startCassandraContainer(image: string, options: OwnCassandraOptions): Promise<OwnCassandra> {
  const [port = 0] = await freePorts(1);
  const host = '127.0.0.1';
  using directory = temporaryDirectory('cassandra');
  const certificate = options.isGuarded === true ? await createKafkaCertificate(directory.path) : undefined;
  const keyStore = certificate && { path: `${FILES}/node.p12`, password: certificate.password };
  const config = `${FILES}/cassandra.yaml`;
  const place: CassandraPlace = { host, port, storagePort: 7000, tlsStoragePort: 7001, seeds: [host], token: 0n };
  const settings = {
    // Clients come through the engine to any address of the container, and are told the one that they came to.
    rpc_address: '0.0.0.0',
    broadcast_rpc_address: host,
    ...options.settings,
  };
  const properties = { 'cassandra.config': `file://${config}`, ...quickStart(place) };
  const container = await startContainer({
    name: 'Cassandra',
    image,
    ports: [port],
    memoryBytes: MEMORY_BYTES,
    dataDirectory: DATA_DIRECTORY,
    environment: {
      MAX_HEAP_SIZE: '640M',
      HEAP_NEWSIZE: '160M',
      JVM_EXTRA_OPTS: [
        '-XX:TieredStopAtLevel=1',
        ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
      ].join(' '),
    },
    files: {
      [config]: cassandraYaml({ place, dataDirectory: DATA_DIRECTORY, keyStore, settings }),
      ...(certificate && keyStore ? { [keyStore.path]: readFileSync(certificate.keyStore) } : {}),
    },
    answers: () => answersCql(host, port),
  });
  const { kill, revive, freeze, thaw, stop, execute } = container;
  return {
    host,
    port,
    ca: certificate?.ca,
    kill,
    revive,
    freeze,
    thaw,
    nodetool: (...words) => execute('nodetool', ...words),
    stop,
  };
}
