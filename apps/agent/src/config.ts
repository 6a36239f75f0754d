import { byteSize, duration, listenAddress, section } from '@spoor/service';
import { z } from 'zod';

interface UdpDefaults {
  readonly endpoint: string;
  readonly receives: string;
  /** What the peer calls it in its environment names. */
  readonly peer: string;
}

function udpSettings({ endpoint, receives, peer }: UdpDefaults) {
  return section({
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: `Whether ${receives} are received` }),
    endpoint: listenAddress()
      .prefault(endpoint)
      .meta({ description: `Where ${receives} are received`, env: [`PROCESSOR_${peer}_SERVER_HOST_PORT`] }),
    maxPacketBytes: byteSize()
      .prefault('65000')
      .meta({ description: 'The largest packet that is taken', env: [`PROCESSOR_${peer}_SERVER_MAX_PACKET_SIZE`] }),
    socketBufferBytes: byteSize()
      .prefault('0')
      .meta({
        description: 'The receive buffer of the socket; 0 is what the system has',
        env: [`PROCESSOR_${peer}_SERVER_SOCKET_BUFFER_SIZE`],
      }),
  });
}

/** The settings under `agent`: what is received by UDP, also in the all-in-one. */
export const agentConfig = section({
  jaegerCompact: udpSettings({
    endpoint: '127.0.0.1:6831',
    receives: "UDP packets of Jaeger's clients in Thrift's compact protocol",
    peer: 'JAEGER_COMPACT',
  }),
  jaegerBinary: udpSettings({
    endpoint: '127.0.0.1:6832',
    receives: "UDP packets of Jaeger's clients in Thrift's binary protocol",
    peer: 'JAEGER_BINARY',
  }),
  zipkinCompact: udpSettings({
    endpoint: '127.0.0.1:5775',
    receives: "UDP packets of old Zipkin clients in Thrift's compact protocol",
    peer: 'ZIPKIN_COMPACT',
  }),
  tags: z
    .array(z.string())
    .default([])
    .meta({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the form in which the environment is named
      description: 'Tags to add to every process, as key=value; ${NAME:default} is a value from the environment',
      env: ['AGENT_TAGS'],
    }),
  tenant: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Whose spans the packets hold, since they name no tenant; without it nobody in particular' }),
  buffer: section({
    maxBytes: byteSize()
      .prefault('32MiB')
      .meta({ description: 'Bytes of spans that may wait to be handed on; packets that come beyond it are dropped' }),
    maxBatches: z
      .number()
      .int()
      .min(1)
      .default(20_000)
      .meta({ description: 'Packets that may wait to be handed on; those that come beyond it are dropped' }),
    concurrency: z.number().int().min(1).default(16).meta({ description: 'Packets that are handed on at a time' }),
    retry: section({
      initialDelay: duration().prefault('100ms').meta({ description: 'How long the first wait is after a failure' }),
      maxDelay: duration().prefault('5s').meta({ description: 'How long the waits may grow while it lasts' }),
    }),
  }),
});
export type AgentConfig = z.output<typeof agentConfig>;
