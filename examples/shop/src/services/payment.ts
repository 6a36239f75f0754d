import { SpanKind, trace } from '@opentelemetry/api';
import { between, pass } from '../chance.ts';
import { recordFailure } from '../failure.ts';
import type { Routes } from '../http-server.ts';
import type { ServiceContext } from './service.ts';

/** What a card does is in its number, as with the test cards of payment providers. */
export const CARDS = { good: '4242424242424242', declined: '4000000000000002', shaky: '4000000000000119' } as const;

class CardDeclined extends Error {
  override readonly name = 'CardDeclined';
}
class GatewayTimeout extends Error {
  override readonly name = 'GatewayTimeout';
}

/** Charges cards through a gateway, which is simulated: it takes its time, declines some cards, and fails now and then. */
export function payment({ tracer, chance }: ServiceContext): Routes {
  const triedOrders = new Set<string>();

  const authorize = async (card: string, orderId: string, amountCents: number): Promise<void> => {
    const span = tracer.startSpan('authorize', {
      kind: SpanKind.CLIENT,
      attributes: {
        'server.address': 'gateway.bank.example',
        'server.port': 443,
        'payment.card.last_digits': card.slice(-4),
        'payment.amount_cents': amountCents,
      },
    });
    try {
      await pass(between(chance, 30, 90));
      if (card === CARDS.declined) throw new CardDeclined('the bank declined the card');
      // A shaky card fails the first time and goes through the second, so that the retry is worth it.
      if (card === CARDS.shaky && !triedOrders.delete(orderId)) {
        triedOrders.add(orderId);
        throw new GatewayTimeout('the gateway did not answer in time');
      }
      span.addEvent('authorized', { 'order.id': orderId });
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  };

  return {
    'POST /charges': async ({ body }) => {
      const { card, orderId, amountCents } = body as { card: string; orderId: string; amountCents: number };
      trace.getActiveSpan()?.setAttributes({ 'order.id': orderId, 'payment.amount_cents': amountCents });
      try {
        await authorize(card, orderId, amountCents);
        return { status: 201, body: { orderId, amountCents } };
      } catch (error) {
        if (error instanceof CardDeclined) return { status: 402, body: { message: error.message } };
        if (error instanceof GatewayTimeout) return { status: 503, body: { message: error.message } };
        throw error;
      }
    },
  };
}
