import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SpoorError } from '@spoor/model';
import type { ElasticsearchConfig } from '../settings.ts';

/** How often a file with credentials is looked at: they are rotated while we run. */
const READ_INTERVAL_MS = 10_000;

export interface Credentials {
  /** The header `Authorization`; `undefined` where there is no login. */
  header(): Promise<string | undefined>;
  /** The servers refused the login: the next `header` reads its file whatever its age. */
  readAgain(): void;
}

type Settings = Pick<
  ElasticsearchConfig,
  'username' | 'password' | 'passwordFile' | 'apiKey' | 'apiKeyFile' | 'tokenFile'
>;

/** Throws `SPOOR_INVALID_CONFIGURATION` for more than one login, half a login and files that cannot be read. */
export function createCredentials(settings: Settings, nowMs: () => number): Credentials {
  const { username, password, passwordFile, apiKey, apiKeyFile, tokenFile } = settings;
  const logins = [
    username !== undefined || password !== undefined || passwordFile !== undefined,
    apiKey !== undefined || apiKeyFile !== undefined,
    tokenFile !== undefined,
  ];
  if (logins.filter(Boolean).length > 1)
    throw wrong(
      'has several logins; give a user name with its password, an API key, or a token file, and only one of them',
    );
  if (tokenFile !== undefined) return fromFile('tokenFile', tokenFile, (token) => `Bearer ${token}`, nowMs);
  if (apiKeyFile !== undefined && apiKey === undefined)
    return fromFile('apiKeyFile', apiKeyFile, (key) => `ApiKey ${key}`, nowMs);
  if (apiKey !== undefined) return fixed(`ApiKey ${apiKey.reveal()}`);
  if (username === undefined && password === undefined && passwordFile === undefined) return fixed(undefined);
  if (username === undefined) throw wrong('has a password and no user name; give storage.elasticsearch.username');
  const basic = (text: string) => `Basic ${Buffer.from(`${username}:${text}`).toString('base64')}`;
  if (password !== undefined) return fixed(basic(password.reveal()));
  if (passwordFile === undefined)
    throw wrong('has a user name and no password; give storage.elasticsearch.password or passwordFile');
  return fromFile('passwordFile', passwordFile, basic, nowMs);
}

function fixed(header: string | undefined): Credentials {
  return { header: () => Promise.resolve(header), readAgain: () => undefined };
}

function fromFile(name: string, path: string, headerOf: (text: string) => string, nowMs: () => number): Credentials {
  let header: string;
  try {
    header = headerOf(readFileSync(path, 'utf8').trim());
  } catch (cause) {
    throw wrong(`has a ${name} that cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  let readAtMs = nowMs();
  return {
    async header() {
      if (nowMs() - readAtMs >= READ_INTERVAL_MS) {
        readAtMs = nowMs();
        // A file that is being replaced may be away for a moment: what was read before stays.
        const text = await readFile(path, 'utf8').catch(() => undefined);
        if (text !== undefined) header = headerOf(text.trim());
      }
      return header;
    },
    readAgain() {
      readAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}

function wrong(message: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_CONFIGURATION', `storage.elasticsearch ${message}`);
}
