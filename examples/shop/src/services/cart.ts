import { trace } from '@opentelemetry/api';
import { connectDatabase } from '../database.ts';
import type { Routes } from '../http-server.ts';
import type { ServiceContext } from './service.ts';

export interface CartItem {
  readonly productId: string;
  readonly quantity: number;
}

/** The oldest carts go when there are more: the demo may run for days. */
const MAX_CARTS = 1_000;

/** Keeps what each visitor has put aside. */
export function cart({ tracer, chance }: ServiceContext): Routes {
  const carts = new Map<string, readonly CartItem[]>();
  const database = connectDatabase(tracer, chance, {
    system: 'redis',
    namespace: '0',
    address: 'cart-cache',
    port: 6379,
  });
  const read = (user: string) =>
    database.query(
      { text: 'HGETALL cart:?', operation: 'HGETALL', table: 'cart', cost: 'fast' },
      () => carts.get(user) ?? [],
    );

  return {
    'GET /carts/{user}': async ({ parameters }) => ({ status: 200, body: await read(parameters['user'] ?? '') }),
    'POST /carts/{user}': async ({ parameters, body }) => {
      const user = parameters['user'] ?? '';
      const items = [...(await read(user)), body as CartItem];
      trace.getActiveSpan()?.setAttribute('cart.items', items.length);
      await database.query({ text: 'HSET cart:? ? ?', operation: 'HSET', table: 'cart', cost: 'fast' }, () => {
        carts.set(user, items);
        const oldest = carts.keys().next().value;
        if (carts.size > MAX_CARTS && oldest !== undefined) carts.delete(oldest);
      });
      return { status: 200, body: items };
    },
    'DELETE /carts/{user}': async ({ parameters }) => {
      await database.query({ text: 'DEL cart:?', operation: 'DEL', table: 'cart', cost: 'fast' }, () =>
        carts.delete(parameters['user'] ?? ''),
      );
      return { status: 200, body: [] };
    },
  };
}
