export { type Agent, type AgentDependencies, createAgent } from './agent.ts';
export { type AgentConfig, agentConfig } from './config.ts';
export type { SpanPacket } from './packets/decode.ts';
