import { type Chance, oneOf } from './chance.ts';
import { PRODUCTS } from './services/catalogue.ts';
import { CARDS } from './services/payment.ts';

/** What one visitor does. Each request makes a trace. */
export type Visit = (shopUrl: string) => Promise<void>;

async function request(method: string, url: string, body?: unknown): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { 'user-agent': 'visitor/1.0', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
}

export const visits = {
  home:
    (user: string): Visit =>
    (url) =>
      request('GET', `${url}/?user=${user}`),
  product:
    (user: string, id: string): Visit =>
    (url) =>
      request('GET', `${url}/products/${id}?user=${user}`),
  search:
    (user: string, word: string): Visit =>
    (url) =>
      request('GET', `${url}/search?q=${word}&user=${user}`),
  purchase:
    (user: string, productIds: readonly string[], card: string): Visit =>
    async (url) => {
      for (const productId of productIds) await request('POST', `${url}/cart?user=${user}`, { productId, quantity: 1 });
      await request('POST', `${url}/checkout?user=${user}`, { card });
    },
} as const;

/** The first visitors: one of each kind, so that the first screen has something of everything. */
export function firstVisits(): readonly Visit[] {
  return [
    visits.home('ada'),
    visits.product('ada', 'lantern'),
    visits.search('grace', 'rope'),
    visits.product('grace', 'unicorn'),
    visits.purchase('ada', ['boots', 'map', 'compass'], CARDS.good),
    visits.purchase('grace', ['tent'], CARDS.declined),
    visits.purchase('linus', ['rope', 'lantern'], CARDS.shaky),
  ];
}

/** A visitor of the usual mix: most look around, some search, some buy, and of those a few have trouble with their card. */
export function nextVisit(chance: Chance, count: number): Visit {
  const user = `visitor-${(count % 200) + 1}`;
  const product = (): string => oneOf(chance, PRODUCTS).id;
  const dice = chance();
  if (dice < 0.3) return visits.home(user);
  if (dice < 0.65) return visits.product(user, chance() < 0.05 ? 'unicorn' : product());
  if (dice < 0.75) return visits.search(user, product());
  const card = chance();
  const products = Array.from({ length: 1 + Math.floor(chance() * 4) }, product);
  return visits.purchase(user, products, card < 0.8 ? CARDS.good : card < 0.9 ? CARDS.shaky : CARDS.declined);
}
