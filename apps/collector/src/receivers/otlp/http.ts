import { classify, SpoorError } from '@spoor/model';
import type { Tenancy } from '@spoor/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { CollectorConfig } from '../../config.ts';
import { createHttpListener, mediaTypeOf, type Receiver, refuse, refuseOthers } from '../http/index.ts';
import { HeldBytes, readBody } from '../intake/body.ts';
import type { BytesInFlight } from '../intake/bytes-in-flight.ts';
import { inflateBody, inflaterOf } from '../intake/inflate.ts';
import type { Intake } from '../intake/intake.ts';
import type { OtlpFormat, ReceiverMetrics } from '../intake/metrics.ts';
import { describeRejections } from '../intake/rejections.ts';
import { otlpErrorOf } from '../intake/status.ts';
import { CONTENT_TYPES, exportResponse, statusBody } from './answers.ts';

export interface HttpReceiverOptions {
  readonly config: CollectorConfig['otlp']['http'];
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
}

const FORMATS: ReadonlyMap<string, OtlpFormat> = new Map([
  [CONTENT_TYPES.protobuf, 'protobuf'],
  [CONTENT_TYPES.json, 'json'],
]);

/** Receives OTLP over HTTP, protobuf and JSON (CONTRACT §2.1). */
export function createHttpReceiver(options: HttpReceiverOptions): Receiver {
  const { config, intake, inFlight, metrics, tenancy, logger } = options;

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const format = FORMATS.get(mediaTypeOf(request.headers['content-type']));
    if (format === undefined) {
      metrics.refused('http', 'SPOOR_UNSUPPORTED_MEDIA_TYPE');
      return refuse(
        reply,
        415,
        'text/plain',
        `415 unsupported media type, supported: [${[...FORMATS.keys()].join(', ')}]\n`,
      );
    }
    const held = new HeldBytes(inFlight);
    try {
      const tenant = tenancy.fromHttpHeaders(request.headers);
      const inflate = inflaterOf(request.headers['content-encoding']);
      let bytes = await readBody(request.raw, config.maxBodyBytes, held);
      if (inflate !== undefined) {
        bytes = inflateBody(inflate, bytes, config.maxBodyBytes);
        held.take(bytes.length);
      }
      const { accepted, rejected } = await intake.take({ bytes, format, transport: 'http', tenant });
      if (accepted === 0 && rejected.length > 0)
        throw new SpoorError('SPOOR_INVALID_REQUEST', describeRejections(rejected));
      reply.header('content-type', CONTENT_TYPES[format]);
      return reply.send(exportResponse(rejected, format));
    } catch (thrown) {
      return fail(reply, classify(thrown), format);
    } finally {
      held.release();
    }
  }

  function fail(reply: FastifyReply, error: SpoorError, format: OtlpFormat): unknown {
    metrics.refused('http', error.code);
    if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'a request could not be taken');
    const told = otlpErrorOf(error);
    if (told.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(told.retryAfterMs / 1000)));
    return refuse(reply, told.http, CONTENT_TYPES[format], statusBody(told, format));
  }

  return createHttpListener({
    name: 'otlp-http',
    setting: 'collector.otlp.http.endpoint',
    config,
    logger,
    addRoutes(app) {
      app.post(config.tracesPath, receive);
      refuseOthers(app, config.tracesPath);
    },
  });
}
