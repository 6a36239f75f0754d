import { createHash } from 'node:crypto';

/** Two names and their lengths must fit into the 65,535 bytes that Cassandra allows a partition key. */
const MAX_NAME_BYTES = 8_000;

/** A name as it stands in keys: itself, or its beginning with a digest of the whole when it is too long for one. */
export function nameKey(name: string): string {
  if (name.length * 3 <= MAX_NAME_BYTES || Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, 500)}…${digest}`;
}
