/** Whom a guarded listener lets in. */
export interface KafkaUser {
  readonly username: string;
  readonly password: string;
}

/** Of one broker that is its own controller. */
export interface KafkaSettings {
  /** Where it listens; clients come by the loopback address. */
  readonly listenAddress: string;
  readonly ports: Readonly<
    Record<'port' | 'controllerPort' | 'guardedPort' | 'tlsPort' | 'mutualTlsPort' | 'guardedTlsPort', number>
  >;
  readonly dataDirectory: string;
  /** The paths are those that the broker sees. */
  readonly keyStore: string;
  readonly keyStorePassword: string;
  readonly clientCertFile: string;
  readonly user: KafkaUser | undefined;
}

const EVERYWHERE = {
  // A client that lets a topic come about by writing to it is caught by its test.
  'auto.create.topics.enable': true,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1000,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'log.cleaner.dedupe.buffer.size': 16_777_216,
};

/** The text of `server.properties`. */
export function kafkaProperties(settings: KafkaSettings): string {
  const { ports, dataDirectory, keyStore, keyStorePassword, clientCertFile, user } = settings;
  const host = '127.0.0.1';
  const listeners = (at: string) =>
    `PLAINTEXT://${at}:${ports.port},GUARDED://${at}:${ports.guardedPort},TLS://${at}:${ports.tlsPort},MUTUAL://${at}:${ports.mutualTlsPort},GUARDEDTLS://${at}:${ports.guardedTlsPort}`;
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const bearer = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;';
  const known = user === undefined ? '' : ` user_${user.username}="${user.password}"`;
  const asks = (listener: string) => ({
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`listener.name.${listener}.plain.sasl.jaas.config`]: `${plain}${known};`,
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: scram,
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: scram,
    [`listener.name.${listener}.oauthbearer.sasl.jaas.config`]: bearer,
  });
  const shows = (listener: string) => ({
    [`listener.name.${listener}.ssl.keystore.type`]: 'PKCS12',
    [`listener.name.${listener}.ssl.keystore.location`]: keyStore,
    [`listener.name.${listener}.ssl.keystore.password`]: keyStorePassword,
  });
  return textOf({
    ...asks('guarded'),
    ...asks('guardedtls'),
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host}:${ports.controllerPort}`,
    listeners: `${listeners(settings.listenAddress)},CONTROLLER://${host}:${ports.controllerPort}`,
    'advertised.listeners': listeners(host),
    ...shows('tls'),
    ...shows('mutual'),
    ...shows('guardedtls'),
    'listener.name.mutual.ssl.client.auth': 'required',
    'listener.name.mutual.ssl.truststore.type': 'PEM',
    'listener.name.mutual.ssl.truststore.location': clientCertFile,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,GUARDED:SASL_PLAINTEXT,TLS:SSL,MUTUAL:SSL,GUARDEDTLS:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDirectory,
    // Everybody may do everything, but what a test forbids.
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': true,
    'super.users': 'User:ANONYMOUS',
    ...EVERYWHERE,
  });
}

export interface KafkaMember {
  /** The first one, 1, is the controller too. */
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDirectory: string;
}

/** The text of `server.properties` of one broker of several, which all listen in plain text alone. */
export function clusterProperties({ id, port, controllerPort, dataDirectory }: KafkaMember): string {
  const listener = `PLAINTEXT://127.0.0.1:${port}`;
  const controller = `CONTROLLER://127.0.0.1:${controllerPort}`;
  return textOf({
    'process.roles': id === 1 ? 'broker,controller' : 'broker',
    'node.id': id,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: id === 1 ? `${listener},${controller}` : listener,
    'advertised.listeners': listener,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDirectory,
    // A broker that is killed shall be missed soon.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    ...EVERYWHERE,
  });
}

function textOf(properties: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
