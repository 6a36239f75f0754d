import { SpoorError } from '@spoor/model';
import cassandra from 'cassandra-driver';

const { responseErrorCodes: codes } = cassandra.types;

/** What to do about an error: wait for the server to recover, send less, or tell a person. */
export type Trouble = 'unavailable' | 'overloaded' | 'schema' | 'refused';

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
  [codes.unprepared]: 'unavailable',
  [codes.invalid]: 'schema',
  [codes.syntaxError]: 'schema',
  [codes.configError]: 'schema',
  [codes.unauthorized]: 'refused',
  [codes.badCredentials]: 'refused',
};

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return 'unavailable';
  const { code } = error as { code?: unknown };
  const byServer = typeof code === 'number' ? SERVER_TROUBLE[code] : undefined;
  return byServer ?? DRIVER_TROUBLE[error.name] ?? 'unavailable';
}

/** The contract's error for one of the driver's: always retryable, since what may be wrong with the schema can be put right. */
export function storageError(error: unknown, what: string): SpoorError {
  if (error instanceof SpoorError) return error;
  const trouble = troubleOf(error);
  const advice = trouble === 'schema' ? '; `spoor schema verify` tells what is wrong with the tables' : '';
  const message = `Cassandra did not ${what}: ${innermost(error)}${advice}`;
  if (trouble === 'overloaded')
    return new SpoorError('SPOOR_STORAGE_UNAVAILABLE', message, { cause: error, retryAfterMs: 1000 });
  return new SpoorError('SPOOR_STORAGE_UNAVAILABLE', message, { cause: error });
}

/** `NoHostAvailableError` says of each host in a map what its message leaves out. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { innerErrors } = error as { innerErrors?: Readonly<Record<string, unknown>> };
  const inner = Object.entries(innerErrors ?? {}).map(
    ([host, one]) => `${host}: ${one instanceof Error ? one.message : String(one)}`,
  );
  return inner.length === 0 ? error.message : `${error.message} (${inner.join('; ')})`;
}
