import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { foreignPageToken, questionMark, type TraceQuery } from '@spoor/storage';
import type { LayoutName } from '../settings.ts';
import { LAYOUT_NAMES } from '../settings.ts';

/** Where a page ended, in the order of the streams. */
export interface Position {
  readonly startUnixNano: bigint;
  /** As it is indexed: v1's ids may be shorter. */
  readonly sortId: string;
}

export interface PageState {
  readonly position: Position;
  readonly pointsInTime: Readonly<Partial<Record<LayoutName, string>>>;
}

/** A token travels in an address, of which servers take some 16 KiB. */
const MAX_TOKEN_CHARACTERS = 8_192;
const MAX_INFLATED_BYTES = 128 * 2 ** 10;
const POSITION = /^(\d{1,20})\.([0-9a-f]{1,32})$/;

/** `undefined` when it would be too long, which the points in time of hundreds of shards make it. */
export function writePageToken(state: PageState, tenant: string, query: TraceQuery): string | undefined {
  const { position, pointsInTime } = state;
  const content = [questionMark(tenant, query), `${position.startUnixNano}.${position.sortId}`, pointsInTime];
  const token = deflateRawSync(JSON.stringify(content)).toString('base64url');
  return token.length > MAX_TOKEN_CHARACTERS ? undefined : token;
}

/** Throws `SPOOR_INVALID_REQUEST` for a token that was not written for these conditions. */
export function readPageToken(token: string, tenant: string, query: TraceQuery): PageState {
  const content = contentOf(token);
  const [mark, position, points] = Array.isArray(content) ? (content as unknown[]) : [];
  const parts = typeof position === 'string' ? POSITION.exec(position) : null;
  if (mark !== questionMark(tenant, query) || parts === null || typeof points !== 'object' || points === null) {
    throw foreignPageToken();
  }
  const known = LAYOUT_NAMES.map((name) => [name, (points as Record<string, unknown>)[name]] as const);
  return {
    position: { startUnixNano: BigInt(parts[1]!), sortId: parts[2]! },
    pointsInTime: Object.fromEntries(known.filter(([, id]) => typeof id === 'string')),
  };
}

function contentOf(token: string): unknown {
  if (token.length > MAX_TOKEN_CHARACTERS || !/^[\w-]+$/.test(token)) return undefined;
  try {
    const bytes = inflateRawSync(Buffer.from(token, 'base64url'), { maxOutputLength: MAX_INFLATED_BYTES });
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
