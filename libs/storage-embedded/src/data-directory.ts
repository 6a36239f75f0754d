import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SpoorError } from '@spoor/model';

const LOCK_FILE = 'lock.db';

/**
 * Makes the directory and takes its lock: the operating system's, through SQLite, so that it goes with the process however
 * that ends. Throws `SPOOR_STORAGE_LOCKED`, and `SPOOR_INVALID_CONFIGURATION` for a directory that cannot be used.
 */
export function lockDirectory(directory: string): { unlock(): void } {
  const path = join(resolve(directory), LOCK_FILE);
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true });
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    const { errcode, message } = cause as { errcode?: number; message?: string };
    if ((errcode ?? 0) % 256 === 5) {
      throw new SpoorError(
        'SPOOR_STORAGE_LOCKED',
        `another process has ${resolve(directory)} open: stop it, or set another directory`,
        { cause },
      );
    }
    throw new SpoorError(
      'SPOOR_INVALID_CONFIGURATION',
      `the data directory ${resolve(directory)} cannot be used: ${message}`,
      {
        cause,
      },
    );
  }
  const held = database;
  return { unlock: () => held.close() };
}
