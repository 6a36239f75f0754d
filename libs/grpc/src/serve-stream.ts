import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { SpoorError } from '@spoor/model';
import { GRPC_STATUS } from '@spoor/service';
import { Call, type CallEnvironment } from './call.ts';
import { Conversation } from './conversation.ts';
import type { GrpcMethod } from './method.ts';
import { trailersOf } from './status.ts';
import { timeoutMsOf } from './timeout.ts';

const WITHOUT_BODY = { endStream: true };
const CONTENT_TYPE = /^application\/grpc($|[+;])/i;

/** Answers one HTTP/2 request: as a call where it is one, with an HTTP status where it is not. */
export function serveStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: readonly string[],
  methods: ReadonlyMap<string, GrpcMethod>,
  environment: CallEnvironment,
): void {
  // A reset by the sender; 'close' comes as well and is what counts.
  stream.on('error', () => undefined);
  const path = String(headers[':path'] ?? '');
  if (headers[':method'] !== 'POST') {
    refuse(stream, { ':status': 405, allow: 'POST' });
    return;
  }
  if (!CONTENT_TYPE.test(headers['content-type'] ?? '')) {
    refuse(stream, { ':status': 415, 'accept-post': 'application/grpc' });
    return;
  }
  const method = methods.get(path);
  if (method === undefined) {
    const message = `this address has no method ${path.slice(0, 200)}`;
    environment.onFailure(new SpoorError('SPOOR_NOT_IMPLEMENTED', message));
    refuse(stream, {
      ...environment.responseHeaders,
      ...trailersOf({ code: GRPC_STATUS.UNIMPLEMENTED, message }),
    });
    return;
  }
  const timeoutMs = timeoutMsOf(headers['grpc-timeout']) ?? Number.POSITIVE_INFINITY;
  if (method.kind === 'conversation') new Conversation(stream, method, timeoutMs, environment).start();
  else new Call(stream, { grouped: headers, raw }, method, timeoutMs, environment).start();
}

function refuse(stream: ServerHttp2Stream, headers: Record<string, unknown>): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond(headers as Parameters<ServerHttp2Stream['respond']>[0], WITHOUT_BODY);
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}
