import { SpoorError } from '@spoor/model';
import type { GrpcCall, GrpcMethods } from './method.ts';

/** `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

export interface Health {
  readonly methods: GrpcMethods;
  /** From now on it says SERVING. */
  start(): void;
  /** From now on it says NOT_SERVING, to those who watch too, whose calls end with that: they would hold up the end. */
  stop(): void;
}

/** `grpc.health.v1.Health` for the services that a server has and, as the empty name, for the server. */
export function createHealth(services: readonly string[]): Health {
  const known = ['', ...services];
  let isServing = false;
  let isOver = false;
  let changed = Promise.withResolvers<void>();

  const statusOf = (service: string): number =>
    known.includes(service) ? (isServing ? SERVING : NOT_SERVING) : SERVICE_UNKNOWN;

  async function* watch(request: Uint8Array, { signal }: GrpcCall): AsyncGenerator<Uint8Array> {
    const service = serviceOf(request);
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!signal.aborted) {
      yield checkResponse(statusOf(service));
      if (isOver) return;
      await Promise.race([changed.promise, ended]);
    }
  }

  function change(): void {
    changed.resolve();
    changed = Promise.withResolvers();
  }

  return {
    methods: {
      '/grpc.health.v1.Health/Check': {
        kind: 'unary',
        async handle(request) {
          const service = serviceOf(request);
          const status = statusOf(service);
          if (status === SERVICE_UNKNOWN)
            throw new SpoorError('SPOOR_NOT_FOUND', `this address has no service ${JSON.stringify(service)}`);
          return checkResponse(status);
        },
      },
      '/grpc.health.v1.Health/Watch': { kind: 'server-stream', handle: watch },
      '/grpc.health.v1.Health/List': {
        kind: 'unary',
        handle: async () =>
          Buffer.concat(
            known.map((service) =>
              field(1, Buffer.concat([field(1, Buffer.from(service)), field(2, checkResponse(statusOf(service)))])),
            ),
          ),
      },
    },
    start() {
      isServing = true;
      isOver = false;
      change();
    },
    stop() {
      isServing = false;
      isOver = true;
      change();
    },
  };
}

function checkResponse(status: number): Uint8Array {
  return Uint8Array.of(0x08, status);
}

/** A length-delimited field of at most 127 bytes. */
function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of((number << 3) | 2, content.length), content]);
}

/** `HealthCheckRequest.service`. */
function serviceOf(request: Uint8Array): string {
  if (request.length === 0) return '';
  const [tag, length = 0] = request;
  if (tag !== 0x0a || length > 0x7f || request.length !== length + 2)
    throw new SpoorError(
      'SPOOR_INVALID_REQUEST',
      'the request is no HealthCheckRequest with a name of up to 127 bytes',
    );
  return Buffer.from(request.subarray(2)).toString();
}
