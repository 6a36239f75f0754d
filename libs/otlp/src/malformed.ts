import { SpoorError } from '@spoor/model';
import type { WireReader } from './wire.ts';

/** The error for the fault that a reader came upon. */
export function malformedSpans(reader: Pick<WireReader, 'fault' | 'faultAt'>): SpoorError {
  return new SpoorError('SPOOR_MALFORMED_SPANS', `not OTLP TracesData: at byte ${reader.faultAt}, ${reader.fault}`);
}
