import type { RequestObject } from './layout.ts';

const NAME = { type: 'keyword' } as const;

/**
 * Of the documents of adaptive sampling, in either layout those of CONTRACT §3.4. They have services and operations as keys:
 * without `dynamic: false`, as the peer has it, each would become a field.
 */
export const SAMPLING_MAPPING: RequestObject = {
  dynamic: false,
  properties: {
    timestamp: { type: 'date' },
    throughputs: { properties: { Service: NAME, Operation: NAME } },
    probabilitiesandqps: { properties: { Hostname: NAME } },
  },
};
