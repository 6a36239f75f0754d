import type { Chance } from './chance.ts';
import { type HttpServer, type Routes, serve } from './http-server.ts';
import { createQueue } from './queue.ts';
import { cart } from './services/cart.ts';
import { catalogue } from './services/catalogue.ts';
import { checkout } from './services/checkout.ts';
import { frontend } from './services/frontend.ts';
import { payment } from './services/payment.ts';
import type { ServiceContext } from './services/service.ts';
import { type Order, shipping } from './services/shipping.ts';
import { carryContext, createTelemetry, type ExportListener, type Telemetry } from './telemetry.ts';

export const SERVICES = ['frontend', 'catalogue', 'cart', 'checkout', 'payment', 'shipping'] as const;
const VERSION = '1.0.0';

export interface Shop {
  /** Where visitors come in. */
  readonly url: string;
  /** Sends every service's spans. */
  flush(): Promise<void>;
  /** Lets running work end, sends every span, and closes. */
  stop(): Promise<void>;
}

/** Opens the shop: six services, each behind its own port and with its own telemetry, that talk over HTTP. */
export async function openShop(endpoint: string, chance: Chance, onExport: ExportListener): Promise<Shop> {
  carryContext();
  const servers: HttpServer[] = [];
  const telemetries: Telemetry[] = [];
  const open = async (
    name: (typeof SERVICES)[number],
    routes: (context: ServiceContext) => Routes,
  ): Promise<string> => {
    const telemetry = createTelemetry({ name, version: VERSION }, endpoint, onExport);
    const server = await serve(telemetry.tracer, routes({ tracer: telemetry.tracer, chance }));
    telemetries.push(telemetry);
    servers.unshift(server);
    return server.url;
  };

  const orders = createQueue<Order>('orders');
  const peers = {
    catalogue: await open('catalogue', catalogue),
    cart: await open('cart', cart),
    payment: await open('payment', payment),
    shipping: await open('shipping', (context) => shipping(context, orders)),
  };
  const checkoutUrl = await open('checkout', (context) => checkout(context, peers, orders));
  const url = await open('frontend', (context) => frontend(context, { ...peers, checkout: checkoutUrl }));

  return {
    url,
    async flush() {
      await Promise.all(telemetries.map((telemetry) => telemetry.flush()));
    },
    async stop() {
      // From the outside in, so that nobody calls a service that is gone.
      for (const server of servers) await server.close();
      await orders.drain();
      await Promise.all(telemetries.map((telemetry) => telemetry.shutdown()));
    },
  };
}
