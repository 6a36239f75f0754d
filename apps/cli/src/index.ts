export { type CliHost, runCli } from './cli.ts';
