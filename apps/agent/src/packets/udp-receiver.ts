import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Tag } from '@spoor/jaeger';
import { type Component, SpoorError } from '@spoor/model';
import { formatAddress, type ListenAddress, listenError } from '@spoor/service';
import type { ThriftReader } from '@spoor/thrift';
import type { Logger } from 'pino';
import { limitedLog } from '../log-limit.ts';
import type { AgentMetrics } from '../metrics.ts';
import type { ClientReports } from './client-reports.ts';
import { decodePacket, type ReceivedPacket } from './decode.ts';

export interface UdpReceiverOptions {
  /** As the log, readiness and metrics have it. */
  readonly name: string;
  /** The setting that says where it listens. */
  readonly setting: string;
  readonly config: {
    readonly endpoint: ListenAddress;
    readonly maxPacketBytes: number;
    readonly socketBufferBytes: number;
  };
  /** The protocol in which the datagrams are. */
  readonly open: (bytes: Uint8Array) => ThriftReader;
  readonly agentTags: readonly Tag[];
  /** Takes the packet, or says that there is no room. */
  readonly offer: (packet: ReceivedPacket) => boolean;
  readonly reports: ClientReports;
  readonly metrics: AgentMetrics;
  readonly logger: Logger;
}

export interface UdpReceiver extends Component {
  /** `host:port` in use. `undefined` while it does not listen. */
  address(): string | undefined;
}

/** Looks at the socket so often before it is closed: what the kernel has already is ours. */
const LAST_LOOKS = 3;

/** Receives spans in datagrams, one call each (CONTRACT §2.4). Nobody is answered: every packet that is lost is counted. */
export function createUdpReceiver(options: UdpReceiverOptions): UdpReceiver {
  const { name, setting, config, open, agentTags, offer, reports, metrics, logger } = options;
  let socket: Socket | undefined;
  let bound: string | undefined;

  function receive(bytes: Uint8Array): void {
    metrics.received(name, bytes.length);
    if (bytes.length > config.maxPacketBytes) {
      metrics.dropped(name, 'too_large');
      return;
    }
    let packet: ReceivedPacket;
    try {
      packet = { ...decodePacket(open(bytes), agentTags), listener: name };
    } catch (error) {
      metrics.dropped(name, 'malformed');
      tell(error);
      return;
    }
    if (packet.client !== undefined) reports.note(packet.client);
    if (packet.spanCount > 0 && !offer(packet)) metrics.dropped(name, 'buffer_full');
    else metrics.taken(name);
  }

  const tell = limitedLog((error: unknown) => {
    if (error instanceof SpoorError) logger.warn({ listener: name, reason: error.message }, 'a packet cannot be read');
    else logger.error({ listener: name, err: error }, 'a packet cannot be read');
  });

  return {
    name,
    address: () => bound,
    async start() {
      const { host, port } = config.endpoint;
      const buffer = config.socketBufferBytes === 0 ? {} : { recvBufferSize: config.socketBufferBytes };
      const opened = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', ...buffer });
      opened.on('message', receive);
      try {
        const listening = once(opened, 'listening');
        opened.bind({ address: host, port });
        await listening;
      } catch (cause) {
        opened.close();
        throw listenError(cause, config.endpoint, setting);
      }
      opened.on('error', (error) => {
        metrics.readFailed(name);
        logger.error({ listener: name, err: error }, 'the socket failed');
      });
      socket = opened;
      bound = formatAddress({ host, port: opened.address().port });
      logger.info({ listener: name, address: bound }, 'listening');
    },
    async stop() {
      const closing = socket;
      socket = undefined;
      bound = undefined;
      if (closing === undefined) return;
      for (let i = 0; i < LAST_LOOKS; i += 1) await new Promise(setImmediate);
      const closed = once(closing, 'close');
      closing.close();
      await closed;
    },
  };
}
