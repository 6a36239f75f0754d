import { trace } from '@opentelemetry/api';
import { caller } from '../http-client.ts';
import type { Routes } from '../http-server.ts';
import type { ServiceContext } from './service.ts';

export interface FrontendPeers {
  readonly catalogue: string;
  readonly cart: string;
  readonly checkout: string;
}

/** What visitors talk to. */
export function frontend({ tracer }: ServiceContext, peers: FrontendPeers): Routes {
  const catalogue = caller(tracer, peers.catalogue);
  const cart = caller(tracer, peers.cart);
  const checkout = caller(tracer, peers.checkout);
  const visitor = (query: URLSearchParams): string => {
    const user = query.get('user') ?? 'guest';
    trace.getActiveSpan()?.setAttribute('user.id', user);
    return user;
  };

  return {
    'GET /': async ({ query }) => {
      const user = visitor(query);
      const [products, items] = await Promise.all([
        catalogue('GET /products'),
        cart('GET /carts/{user}', { parameters: { user } }),
      ]);
      return { status: 200, body: { products: products.body, cart: items.body } };
    },
    'GET /products/{id}': async ({ parameters, query }) => {
      visitor(query);
      return catalogue('GET /products/{id}', { parameters });
    },
    'GET /search': async ({ query }) => {
      visitor(query);
      return catalogue('GET /search', { query: { q: query.get('q') ?? '' } });
    },
    'POST /cart': async ({ query, body }) => {
      const user = visitor(query);
      return cart('POST /carts/{user}', { parameters: { user }, body });
    },
    'POST /checkout': async ({ query, body }) => {
      const user = visitor(query);
      return checkout('POST /orders', { body: { ...(body as object), user } });
    },
  };
}
