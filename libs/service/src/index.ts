export * from './config.ts';
export * from './config-help.ts';
export * from './config-values.ts';
export * from './secret.ts';
export { environmentName, type Setting, settingsOf } from './settings.ts';
export * from './status.ts';
export * from './tenancy.ts';
