/** What of a pattern stands for itself is escaped. `*` matches within what an origin is made of. */
function patternOf(origin: string): RegExp {
  const parts = origin.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[A-Za-z0-9.-]*')}$`, 'i');
}

/** What `@fastify/cors` takes: any origin, or those that match one of the patterns. */
export function originMatcher(allowed: readonly string[]): '*' | RegExp[] {
  return allowed.includes('*') ? '*' : allowed.map(patternOf);
}
