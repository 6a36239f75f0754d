export { type HttpSettings, httpSettings } from './config.ts';
export { createHttpListener, isContentType, mediaTypeOf, type Receiver, refuseOthers } from './listener.ts';
export { refuse } from './refuse.ts';
export { type DecodingReceiver, takeDecoded } from './take-decoded.ts';
