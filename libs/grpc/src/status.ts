import type { OutgoingHttpHeaders } from 'node:http2';
import type { SpoorError } from '@spoor/model';
import { STATUS_OF_CODE } from '@spoor/service';

/** How a call ends, as its trailers say it. */
export interface CallStatus {
  /** A google.rpc.Code. */
  readonly code: number;
  readonly message: string;
  /** `google.rpc.Status` as bytes, where there are details. */
  readonly details?: Uint8Array;
}

/** A fault for which gRPC has a status of its own, other than that of the error's code. */
export class CallFailure extends Error {
  readonly grpcCode: number;
  readonly error: SpoorError;

  constructor(grpcCode: number, error: SpoorError) {
    super(error.message);
    this.name = 'CallFailure';
    this.grpcCode = grpcCode;
    this.error = error;
  }
}

/** Clients bound what headers may take, many at 8 KiB; a message is percent-encoded, up to three times its size. */
const MAX_MESSAGE_BYTES = 1024;

/** The status of the error's code, without details. The message of an internal fault stays in the log. */
export function statusOfError(error: SpoorError): CallStatus {
  const message = error.code === 'SPOOR_INTERNAL' ? 'internal error; the log of the server has more' : error.message;
  return { code: STATUS_OF_CODE[error.code].grpc, message };
}

/** `grpc-message` on the wire: printable ASCII as it is, every other byte of the UTF-8 text, and `%`, percent-encoded. */
export function encodeGrpcMessage(message: string): string {
  if (/^[ -$&-~]*$/.test(message) && message.length <= MAX_MESSAGE_BYTES) return message;
  let encoded = '';
  for (const byte of Buffer.from(message).subarray(0, MAX_MESSAGE_BYTES))
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return encoded;
}

/** The trailers that end a call. Binary metadata is base64 without padding. */
export function trailersOf({ code, message, details }: CallStatus): OutgoingHttpHeaders {
  const trailers: OutgoingHttpHeaders = { 'grpc-status': String(code) };
  if (message !== '') trailers['grpc-message'] = encodeGrpcMessage(message);
  if (details !== undefined)
    trailers['grpc-status-details-bin'] = Buffer.from(details).toString('base64').replace(/=+$/, '');
  return trailers;
}
