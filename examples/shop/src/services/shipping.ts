import { trace } from '@opentelemetry/api';
import { between, pass } from '../chance.ts';
import { connectDatabase } from '../database.ts';
import type { Routes } from '../http-server.ts';
import type { Queue } from '../queue.ts';
import type { ServiceContext } from './service.ts';

export interface Order {
  readonly orderId: string;
  readonly user: string;
  readonly parcels: number;
}

/** Says what a parcel costs at once, and packs orders when their turn in the queue comes. */
export function shipping({ tracer, chance }: ServiceContext, orders: Queue<Order>): Routes {
  const database = connectDatabase(tracer, chance, {
    system: 'postgresql',
    namespace: 'shipping',
    address: 'shipping-db',
    port: 5432,
  });

  orders.consume(tracer, async (order) => {
    trace.getActiveSpan()?.setAttributes({ 'order.id': order.orderId, 'user.id': order.user });
    for (let parcel = 1; parcel <= order.parcels; parcel += 1) {
      await tracer.startActiveSpan('pack parcel', { attributes: { 'parcel.number': parcel } }, async (span) => {
        await pass(between(chance, 15, 60));
        span.end();
      });
    }
    await database.query(
      {
        text: 'INSERT INTO shipments (order_id, parcels) VALUES ($1, $2)',
        operation: 'INSERT',
        table: 'shipments',
        cost: 'fast',
      },
      () => order.orderId,
    );
  });

  return {
    'GET /quotes': async ({ query }) => {
      await pass(between(chance, 5, 20));
      const parcels = Number(query.get('parcels') ?? '1');
      return { status: 200, body: { priceCents: 490 * parcels } };
    },
  };
}
