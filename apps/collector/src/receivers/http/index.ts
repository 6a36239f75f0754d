export { type HttpSettings, httpSettings } from './config.ts';
export { createHttpListener, mediaTypeOf, type Receiver, refuseOthers } from './listener.ts';
export { refuse } from './refuse.ts';
