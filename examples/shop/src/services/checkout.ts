import { trace } from '@opentelemetry/api';
import { pass } from '../chance.ts';
import { type Answer, type Call, caller } from '../http-client.ts';
import type { Routes } from '../http-server.ts';
import type { Queue } from '../queue.ts';
import type { CartItem } from './cart.ts';
import type { Product } from './catalogue.ts';
import type { ServiceContext } from './service.ts';
import type { Order } from './shipping.ts';

export interface CheckoutPeers {
  readonly cart: string;
  readonly catalogue: string;
  readonly payment: string;
  readonly shipping: string;
}

const MAX_TRIES = 3;
const BACK_OFF_MS = 40;

/** Tries again, a little later each time, while the payment service says 503. */
async function charge(payment: Call, body: unknown): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await payment('POST /charges', { body, resendCount: tries });
    if (answer.status !== 503 || tries + 1 >= MAX_TRIES) return answer;
    trace.getActiveSpan()?.addEvent('payment will be tried again', { tries: tries + 1, message: answer.body.message });
    await pass(BACK_OFF_MS * 2 ** tries);
  }
}

/** Turns a cart into an order: prices in parallel, a quote, a charge with retries, and a message for those who pack. */
export function checkout({ tracer }: ServiceContext, peers: CheckoutPeers, orders: Queue<Order>): Routes {
  const cart = caller(tracer, peers.cart);
  const catalogue = caller(tracer, peers.catalogue);
  const payment = caller(tracer, peers.payment);
  const shipping = caller(tracer, peers.shipping);
  let orderCount = 0;

  return {
    'POST /orders': async ({ body }) => {
      const { user, card } = body as { user: string; card: string };
      const span = trace.getActiveSpan();
      const items: readonly CartItem[] = (await cart('GET /carts/{user}', { parameters: { user } })).body;
      if (items.length === 0) return { status: 409, body: { message: 'the cart is empty' } };

      orderCount += 1;
      const orderId = `order-${orderCount}`;
      span?.setAttributes({ 'order.id': orderId, 'order.items': items.length });
      const [quote, ...prices] = await Promise.all([
        shipping('GET /quotes', { query: { parcels: String(items.length) } }),
        ...items.map((item) => catalogue('GET /products/{id}', { parameters: { id: item.productId } })),
      ]);
      const goodsCents = prices.reduce(
        (total, price, index) => total + (price.body as Product).priceCents * (items[index]?.quantity ?? 1),
        0,
      );
      const amountCents = goodsCents + Number(quote?.body.priceCents);
      span?.setAttribute('order.amount_cents', amountCents);

      const charged = await charge(payment, { card, orderId, amountCents });
      if (charged.status !== 201) return { status: charged.status, body: charged.body };
      orders.publish(tracer, orderId, { orderId, user, parcels: items.length });
      await cart('DELETE /carts/{user}', { parameters: { user } });
      return { status: 201, body: { orderId, amountCents } };
    },
  };
}
