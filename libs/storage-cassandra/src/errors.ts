import { SpoorError } from '@spoor/model';
import cassandra from 'cassandra-driver';

const { responseErrorCodes: codes } = cassandra.types;

/** What to do about an error: wait for the server to recover, send less, leave out what is too large, or tell a person. */
export type Trouble = 'unavailable' | 'overloaded' | 'too_large' | 'schema' | 'refused';

/** The names in which the driver's own errors come. */
const DRIVER_TROUBLE: Readonly<Record<string, Trouble>> = {
  NoHostAvailableError: 'unavailable',
  OperationTimedOutError: 'overloaded',
  BusyConnectionError: 'overloaded',
  DriverInternalError: 'unavailable',
  AuthenticationError: 'refused',
};

const SERVER_TROUBLE: Readonly<Record<number, Trouble>> = {
  [codes.overloaded]: 'overloaded',
  [codes.writeTimeout]: 'overloaded',
  [codes.readTimeout]: 'overloaded',
  [codes.writeFailure]: 'unavailable',
  [codes.readFailure]: 'unavailable',
  [codes.unavailableException]: 'unavailable',
  [codes.isBootstrapping]: 'unavailable',
  [codes.serverError]: 'unavailable',
  // The driver prepares anew by itself; where that fails, the table is not what it was.
  [codes.unprepared]: 'schema',
  [codes.invalid]: 'schema',
  [codes.syntaxError]: 'schema',
  [codes.configError]: 'schema',
  [codes.unauthorized]: 'refused',
  [codes.badCredentials]: 'refused',
};

/**
 * In words only: it comes as `invalid`, like a column that is not there. A mutation above half a segment of the commit log (Cassandra,
 * then ScyllaDB and Cassandra 3), a message above the server's limit, and the guardrails for sizes of values.
 */
const TOO_LARGE =
  /oversized mutation|mutation of .* too large|exceeds allowed maximum of \d+ bytes|guardrail (collection_\w*size|items_per_collection|column_\w*value_size)/i;

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return 'unavailable';
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && TOO_LARGE.test(error.message)) return 'too_large';
  const byServer = typeof code === 'number' ? SERVER_TROUBLE[code] : undefined;
  if (byServer !== undefined) return byServer;
  // Where hosts did answer, what they said tells more than that none of them did it.
  const told = hostErrors(error).map(([, inner]) => troubleOf(inner));
  return told.find((trouble) => trouble !== 'unavailable') ?? DRIVER_TROUBLE[error.name] ?? 'unavailable';
}

/** Whether what `storageError` made of an answer is that there is no such table. */
export function isMissingTable(error: unknown): boolean {
  const cause = error instanceof SpoorError ? error.cause : undefined;
  return cause instanceof Error && /^unconfigured table |^table .* does not exist$/i.test(cause.message);
}

function hostErrors(error: Error): [string, unknown][] {
  const { innerErrors } = error as { innerErrors?: Readonly<Record<string, unknown>> };
  return Object.entries(innerErrors ?? {});
}

/** The contract's error for one of the driver's: always retryable, since what may be wrong with the schema can be put right. */
export function storageError(error: unknown, what: string): SpoorError {
  if (error instanceof SpoorError) return error;
  const trouble = troubleOf(error);
  const told = innermost(error);
  const message = [`Cassandra did not ${what}: ${told}`, ...adviceOn(trouble, told)].join('; ');
  if (trouble === 'overloaded')
    return new SpoorError('SPOOR_STORAGE_UNAVAILABLE', message, { cause: error, retryAfterMs: 1000 });
  return new SpoorError('SPOOR_STORAGE_UNAVAILABLE', message, { cause: error });
}

/** What the words of the server and of the driver come from, most of the time. The first that fits counts. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/strategy option/i, 'storage.cassandra.schema.datacenters names those that there are'],
  [/data ?cent(er|re)/i, 'storage.cassandra.localDatacenter names one that has hosts, or is left out'],
  [/certificate|\bssl\b|\btls\b|EPROTO/i, 'storage.cassandra.tls says what is trusted, and with what'],
  [/permission|not authorized/i, 'grant it to the user of storage.cassandra.username'],
  [/authenticat|credentials|password/i, 'storage.cassandra.username and storage.cassandra.password say who asks'],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|no host is there/,
    'storage.cassandra.servers and storage.cassandra.port say where it is looked for',
  ],
];

function adviceOn(trouble: Trouble, told: string): readonly string[] {
  const advice = ADVICE.find(([words]) => words.test(told))?.[1];
  if (advice !== undefined) return [advice];
  return trouble === 'schema' ? ['`spoor schema verify` tells what is wrong with the tables'] : [];
}

/** `NoHostAvailableError` puts a stack trace into its message. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = hostErrors(error).map(([host, one]) => `${host}: ${one instanceof Error ? one.message : String(one)}`);
  if (inner.length > 0) return inner.join('; ');
  return error.name === 'NoHostAvailableError' ? 'no host is there' : error.message;
}
