import { type Component, classify } from '@spoor/model';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { loadConfig } from './config.ts';
import { helpText, informationWanted } from './config-help.ts';
import { duration, section } from './config-values.ts';
import { createLogger, type LogConfig, type LogDestination } from './logger.ts';

/** The settings under `shutdown`. */
export const shutdownConfig = section({
  gracePeriod: duration().prefault('30s').meta({
    description: 'How long the process may finish what it began once it is told to stop',
  }),
});

/** What a process is given by its `main.ts`. `argv` holds the arguments only. */
export interface ProcessHost {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: LogDestination;
  readonly stderr: LogDestination;
  readonly readFile: (path: string) => string;
  readonly nowMs: () => number;
  /** Calls back for each SIGTERM and SIGINT. */
  readonly onStopSignal: (callback: (signal: string) => void) => void;
  /** Calls back for what nobody caught. */
  readonly onUncaught: (callback: (error: unknown) => void) => void;
}

/** On Ctrl-C the terminal and npm each send the signal: what follows so closely is the same wish. */
const SAME_SIGNAL_MS = 300;

/** What every process's configuration has at least. */
export interface ProcessConfig {
  readonly log: LogConfig;
  readonly shutdown: { readonly gracePeriod: number };
}

export interface ProcessDefinition<Config extends ProcessConfig> {
  /** As it is typed: `npm start --`. */
  readonly command: string;
  readonly version: string;
  readonly schema: z.ZodType<Config>;
  /** Composes the process; called once, with valid configuration. */
  readonly create: (config: Config, deps: { readonly logger: Logger }) => Component | Promise<Component>;
}

/**
 * Runs a process from its configuration to its end and says with which code to exit: 0 after a stop that was asked for,
 * 1 after a fault. The first SIGTERM or SIGINT drains within `shutdown.gracePeriod`, the second ends at once.
 */
export async function runProcess<Config extends ProcessConfig>(
  definition: ProcessDefinition<Config>,
  host: ProcessHost,
): Promise<number> {
  const wanted = informationWanted(host.argv);
  if (wanted !== undefined) {
    host.stdout.write(
      wanted === 'help' ? helpText(definition.command, definition.schema) : `spoor ${definition.version}\n`,
    );
    return 0;
  }
  let config: Config;
  try {
    config = loadConfig({ schema: definition.schema, argv: host.argv, env: host.env, readFile: host.readFile });
  } catch (error) {
    const { code, message } = classify(error);
    host.stderr.write(`${code}: ${message}\n`);
    return 1;
  }
  return run(definition, config, host);
}

async function run<Config extends ProcessConfig>(
  definition: ProcessDefinition<Config>,
  config: Config,
  host: ProcessHost,
): Promise<number> {
  const logger = createLogger(config.log, host.stdout);
  const ending = Promise.withResolvers<number>();
  const asked = Promise.withResolvers<string>();
  let askedAtMs: number | undefined;
  host.onStopSignal((signal) => {
    if (askedAtMs === undefined) {
      askedAtMs = host.nowMs();
      return asked.resolve(signal);
    }
    if (host.nowMs() - askedAtMs < SAME_SIGNAL_MS) return;
    logger.warn({ signal }, 'asked to stop again: ending at once');
    ending.resolve(1);
  });
  host.onUncaught((error) => {
    logger.fatal({ err: error }, 'an error that nothing handles; the process ends');
    ending.resolve(1);
  });

  async function live(): Promise<number> {
    const component = await definition.create(config, { logger });
    // A signal while starting waits for the start: a component half-started could not be stopped in order.
    await component.start();
    const signal = await asked.promise;
    logger.info({ signal }, 'stopping');
    await component.stop(AbortSignal.timeout(config.shutdown.gracePeriod));
    logger.info('stopped');
    return 0;
  }

  live().then(ending.resolve, (error: unknown) => {
    const { code, message, kind } = classify(error);
    // What Spoor says itself is for a person; the stack is for faults of Spoor.
    if (kind === 'fatal') logger.fatal({ code }, message);
    else logger.fatal({ code, err: error }, message);
    ending.resolve(1);
  });
  return ending.promise;
}
