export type { ByteBudget, Inflate, Inflaters } from './message-reader.ts';
export type {
  ConversationMethod,
  GrpcCall,
  GrpcMethod,
  GrpcMethods,
  ServerStreamMethod,
  UnaryMethod,
} from './method.ts';
export { createGrpcServer, type GrpcLimits, type GrpcServer, type GrpcServerOptions } from './server.ts';
export { type CallStatus, encodeGrpcMessage, statusOfError } from './status.ts';
