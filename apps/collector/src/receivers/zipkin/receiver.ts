import { classify, type SpoorError } from '@spoor/model';
import type { Tenancy } from '@spoor/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { createHttpListener, type HttpSettings, type Receiver, refuse, takeDecoded } from '../http/index.ts';
import type { BytesInFlight, Intake, ReceiverMetrics } from '../intake/index.ts';
import { otlpErrorOf } from '../intake/status.ts';
import { zipkinDecoderOf } from './decode.ts';

export interface ZipkinReceiverOptions {
  readonly config: HttpSettings;
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** Receives Zipkin v1 and v2 at whatever path (CONTRACT §2.5). */
export function createZipkinReceiver(options: ZipkinReceiverOptions): Receiver {
  const { config, metrics, logger } = options;
  const decoding = { ...options, maxBodyBytes: config.maxBodyBytes, toleratesPlain: true };

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const path = request.url.split('?', 1)[0]!;
    try {
      await takeDecoded(request.raw, decoding, zipkinDecoderOf(path, request.raw.headers));
      return reply.code(202).send();
    } catch (thrown) {
      return fail(reply, classify(thrown));
    }
  }

  /** A body that cannot be read is told why; spans that were read and rejected likewise, behind the peer's words. */
  function fail(reply: FastifyReply, error: SpoorError): unknown {
    metrics.refused('http', error.code);
    if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'a request could not be taken');
    const told = otlpErrorOf(error);
    if (told.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(told.retryAfterMs / 1000)));
    const isRejection = error.code === 'SPOOR_INVALID_REQUEST';
    return refuse(reply, told.http, PLAIN_TEXT, isRejection ? `Bad Request: ${told.message}\n` : `${told.message}\n`);
  }

  return createHttpListener({
    name: 'zipkin',
    setting: 'collector.zipkin.endpoint',
    config,
    logger,
    takesAnyContentType: true,
    addRoutes(app) {
      app.post('/*', receive);
      app.setNotFoundHandler((_request, reply) => {
        reply.header('allow', 'POST');
        return refuse(reply, 405, PLAIN_TEXT, '405 method not allowed, supported: [POST]\n');
      });
    },
  });
}
