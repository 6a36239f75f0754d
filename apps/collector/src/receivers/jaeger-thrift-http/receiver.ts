import { classify, type SpoorError } from '@spoor/model';
import type { Tenancy } from '@spoor/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import {
  createHttpListener,
  type HttpSettings,
  isContentType,
  mediaTypeOf,
  type Receiver,
  refuse,
  refuseOthers,
  takeDecoded,
} from '../http/index.ts';
import type { BytesInFlight, Intake, ReceiverMetrics } from '../intake/index.ts';
import { otlpErrorOf } from '../intake/status.ts';
import { decodeThriftBatch, THRIFT_MEDIA_TYPES } from './decode.ts';

export interface ThriftHttpReceiverOptions {
  readonly config: HttpSettings;
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
  /** What else is served at the same address: sampling strategies. */
  readonly addRoutes?: (app: FastifyInstance) => void;
}

const PATH = '/api/traces';
const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** Receives batches of Jaeger's clients in Thrift over HTTP (CONTRACT §2.3). */
export function createThriftHttpReceiver(options: ThriftHttpReceiverOptions): Receiver {
  const { config, metrics, logger, addRoutes } = options;
  const decoding = { ...options, maxBodyBytes: config.maxBodyBytes, toleratesPlain: false };

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const fault = contentTypeFault(request.raw.headers['content-type']);
    if (fault !== undefined) {
      metrics.refused('http', 'SPOOR_UNSUPPORTED_MEDIA_TYPE');
      return refuse(reply, 400, PLAIN_TEXT, `${fault}\n`);
    }
    try {
      await takeDecoded(request.raw, decoding, { format: 'jaeger_thrift', decode: decodeThriftBatch });
      return reply.code(202).send();
    } catch (thrown) {
      return fail(reply, classify(thrown));
    }
  }

  function fail(reply: FastifyReply, error: SpoorError): unknown {
    metrics.refused('http', error.code);
    if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'a request could not be taken');
    const told = otlpErrorOf(error);
    if (told.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(told.retryAfterMs / 1000)));
    const isOfBody = error.code === 'SPOOR_MALFORMED_SPANS' || error.code === 'SPOOR_REQUEST_TOO_LARGE';
    const what = isOfBody ? 'Unable to process request body' : 'Cannot submit Jaeger batch';
    return refuse(reply, told.http, PLAIN_TEXT, `${what}: ${told.message}\n`);
  }

  return createHttpListener({
    name: 'jaeger-thrift-http',
    setting: 'collector.jaeger.thriftHttp.endpoint',
    config,
    logger,
    takesAnyContentType: true,
    addRoutes(app) {
      app.post(PATH, receive);
      addRoutes?.(app);
      refuseOthers(app, PATH);
    },
  });
}

const MAX_TOLD_CHARACTERS = 100;

/** In the peer's words. */
function contentTypeFault(contentType: string | undefined): string | undefined {
  if (contentType === undefined || contentType.trim() === '') return 'Cannot parse content type: mime: no media type';
  if (!isContentType(contentType)) return 'Cannot parse content type: mime: not a type and a subtype';
  const mediaType = mediaTypeOf(contentType);
  if (THRIFT_MEDIA_TYPES.has(mediaType)) return undefined;
  return `Unsupported content type: ${mediaType.slice(0, MAX_TOLD_CHARACTERS)}`;
}
