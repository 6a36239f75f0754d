import { SpoorError } from '@spoor/model';
import { formatAddress, type ListenAddress } from './config-values.ts';

/** Says of a failed `listen` which address it was and which setting changes it; what is not about the address stays as it is. */
export function listenError(error: unknown, address: ListenAddress, setting: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const where = formatAddress(address);
  const remedy = `set --${setting} to another address`;
  if (code === 'EADDRINUSE') {
    return new SpoorError('SPOOR_ADDRESS_IN_USE', `another process listens on ${where}; stop it, or ${remedy}`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const why = code === 'EACCES' ? 'this user may not listen there' : 'this machine has no such address';
    return new SpoorError('SPOOR_INVALID_CONFIGURATION', `cannot listen on ${where}: ${why}; ${remedy}`, {
      cause: error,
    });
  }
  return error;
}
