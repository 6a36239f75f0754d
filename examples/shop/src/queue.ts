import { context, propagation, ROOT_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { recordFailure } from './failure.ts';

interface Message<T> {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: T;
}

export interface Queue<T> {
  /** Returns when the queue has the message, long before anyone works on it. */
  publish(tracer: Tracer, id: string, body: T): void;
  /** `work` gets one message at a time, in a trace of its own that links to the sender's. */
  consume(tracer: Tracer, work: (body: T) => Promise<void>): void;
  /** Resolves when every message is worked on. */
  drain(): Promise<void>;
}

export function createQueue<T>(name: string): Queue<T> {
  let consumer: ((message: Message<T>) => Promise<void>) | undefined;
  let tail: Promise<void> = Promise.resolve();
  const attributes = (operation: string, id: string) => ({
    'messaging.system': 'shop-queue',
    'messaging.destination.name': name,
    'messaging.operation.type': operation,
    'messaging.message.id': id,
  });
  return {
    publish(tracer, id, body) {
      const span = tracer.startSpan(`send ${name}`, { kind: SpanKind.PRODUCER, attributes: attributes('send', id) });
      const headers: Record<string, string> = {};
      propagation.inject(trace.setSpan(context.active(), span), headers);
      tail = tail.then(() => consumer?.({ id, headers, body }));
      span.end();
    },
    consume(tracer, work) {
      consumer = async (message) => {
        const sender = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, message.headers));
        const span = tracer.startSpan(
          `process ${name}`,
          {
            kind: SpanKind.CONSUMER,
            attributes: attributes('process', message.id),
            links: sender ? [{ context: sender, attributes: { 'messaging.operation.type': 'send' } }] : [],
          },
          ROOT_CONTEXT,
        );
        try {
          await context.with(trace.setSpan(ROOT_CONTEXT, span), () => work(message.body));
        } catch (error) {
          recordFailure(span, error);
        } finally {
          span.end();
        }
      };
    },
    drain: () => tail,
  };
}
