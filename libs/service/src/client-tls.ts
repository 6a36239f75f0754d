import { readFileSync } from 'node:fs';
import { SpoorError } from '@spoor/model';
import { z } from 'zod';

/** How a server is reached over TLS. With `cert` and `key` the client proves who it is (mutual TLS). */
export interface ClientTls {
  /** PEM, as the two following. Without it the authorities that Node trusts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must carry, where it is not the server's address. */
  readonly serverName?: string;
  readonly verify: boolean;
}

/** What a process may be told of them: files and names. */
export interface ClientTlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly skipHostVerify: boolean;
}

const filePath = () => z.string().min(1).optional();

/** Settings for a `tls` section. `servers` names who is reached; `env` are the beginnings of the peer's names (CONTRACT §11.1). */
export function clientTlsSettings(servers: string, env: readonly string[]) {
  const names = (end: string) => env.map((beginning) => `${beginning}_TLS_${end}`);
  return {
    ca: filePath().meta({
      description: 'The file with the certificates to trust, PEM; without it those of Node',
      env: names('CA'),
    }),
    cert: filePath().meta({
      description: 'The file with the certificate that proves who we are, PEM',
      env: names('CERT'),
    }),
    key: filePath().meta({ description: 'The file with its private key, PEM', env: names('KEY') }),
    serverName: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: `The name in the certificate of the ${servers}, where it is not their address`,
        env: names('SERVER_NAME'),
      }),
    skipHostVerify: z
      .boolean()
      .default(false)
      .meta({
        description: `Takes any certificate of the ${servers}; for tests only`,
        env: names('SKIP_HOST_VERIFY'),
      }),
  };
}

/** As {@link clientTlsSettings}, for connections that are in the clear unless told otherwise. */
export function optionalClientTlsSettings(servers: string, env: readonly string[]) {
  return {
    enabled: z
      .boolean()
      .default(false)
      .meta({
        description: `Whether the ${servers} are reached over TLS`,
        env: env.map((beginning) => `${beginning}_TLS_ENABLED`),
      }),
    ...clientTlsSettings(servers, env),
  };
}

/**
 * Reads the files. `path` is that of the section, such as `kafka.tls`. Throws `SPOOR_INVALID_CONFIGURATION` for files that
 * cannot be read or do not fit together.
 */
export function readClientTls(
  path: string,
  { ca, cert, key, serverName, skipHostVerify }: ClientTlsSettings,
): ClientTls {
  if ((cert === undefined) !== (key === undefined))
    throw wrong(`${path}.cert and ${path}.key belong together; give both or none`);
  return {
    ...contentOf(path, 'ca', ca),
    ...contentOf(path, 'cert', cert),
    ...contentOf(path, 'key', key),
    ...(serverName === undefined ? {} : { serverName }),
    verify: !skipHostVerify,
  };
}

/** As {@link readClientTls}; `undefined` where TLS is off. Throws for files that are named although it is. */
export function readOptionalClientTls(
  path: string,
  { enabled, ...settings }: ClientTlsSettings & { readonly enabled: boolean },
): ClientTls | undefined {
  if (enabled) return readClientTls(path, settings);
  const given = (['ca', 'cert', 'key'] as const).find((name) => settings[name] !== undefined);
  if (given !== undefined) throw wrong(`${path}.${given} is given, but ${path}.enabled is false; set it to true`);
  return undefined;
}

function contentOf(path: string, name: 'ca' | 'cert' | 'key', file: string | undefined): Partial<ClientTls> {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file, 'utf8') };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw wrong(`${path}.${name} cannot be read: ${reason}`, cause);
  }
}

function wrong(message: string, cause?: unknown): SpoorError {
  return new SpoorError('SPOOR_INVALID_CONFIGURATION', message, { cause });
}
