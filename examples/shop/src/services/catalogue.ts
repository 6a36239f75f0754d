import { trace } from '@opentelemetry/api';
import { connectDatabase } from '../database.ts';
import type { Routes } from '../http-server.ts';
import type { ServiceContext } from './service.ts';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly priceCents: number;
}

export const PRODUCTS: readonly [Product, ...Product[]] = [
  { id: 'boots', name: 'Walking boots', priceCents: 12900 },
  { id: 'compass', name: 'Compass', priceCents: 2450 },
  { id: 'lantern', name: 'Lantern', priceCents: 3990 },
  { id: 'map', name: 'Map of the coast path', priceCents: 1200 },
  { id: 'rope', name: 'Rope, 20 m', priceCents: 5400 },
  { id: 'tent', name: 'Tent for two', priceCents: 24900 },
];

/** Knows the products. Looking one up uses an index; searching for a word reads the whole table, and takes its time. */
export function catalogue({ tracer, chance }: ServiceContext): Routes {
  const database = connectDatabase(tracer, chance, {
    system: 'postgresql',
    namespace: 'catalogue',
    address: 'catalogue-db',
    port: 5432,
  });
  return {
    'GET /products': async () => {
      const products = await database.query(
        {
          text: 'SELECT id, name, price FROM products ORDER BY name LIMIT 20',
          operation: 'SELECT',
          table: 'products',
          cost: 'fast',
        },
        () => PRODUCTS,
      );
      return { status: 200, body: products };
    },
    'GET /products/{id}': async ({ parameters }) => {
      trace.getActiveSpan()?.setAttribute('product.id', parameters['id'] ?? '');
      const product = await database.query(
        {
          text: 'SELECT id, name, price FROM products WHERE id = $1',
          operation: 'SELECT',
          table: 'products',
          cost: 'fast',
        },
        () => PRODUCTS.find((candidate) => candidate.id === parameters['id']),
      );
      if (!product) return { status: 404, body: { message: `there is no product ${parameters['id']}` } };
      return { status: 200, body: product };
    },
    'GET /search': async ({ query }) => {
      const word = query.get('q') ?? '';
      trace.getActiveSpan()?.setAttribute('search.word', word);
      const products = await database.query(
        {
          text: "SELECT id, name, price FROM products WHERE description ILIKE '%' || $1 || '%'",
          operation: 'SELECT',
          table: 'products',
          cost: 'slow',
        },
        () => PRODUCTS.filter((product) => product.name.toLowerCase().includes(word.toLowerCase())),
      );
      return { status: 200, body: products };
    },
  };
}
