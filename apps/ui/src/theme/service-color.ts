/** How many service colours `tokens.css` defines: `--service-0` to `--service-19`. */
export const serviceColorCount = 20;

/** Found by search: with it the names that most installations have (frontend, cart, payment, orders, …) get colours of their own. */
const seed = 0x811dbb18;

/**
 * FNV-1a over UTF-16 code units, from a seed of our own, finished so that similar names spread.
 * Never changes: a colour belongs to a service for ever.
 */
export function serviceColorIndex(serviceName: string): number {
  let hash = seed;
  for (let i = 0; i < serviceName.length; i++) {
    hash = Math.imul(hash ^ serviceName.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return (hash >>> 0) % serviceColorCount;
}

/** For styles: a `var(--service-n)` that follows the theme. A canvas takes `useCanvasColors().service[serviceColorIndex(name)]`. */
export function serviceColor(serviceName: string): string {
  return `var(--service-${serviceColorIndex(serviceName)})`;
}
