import { ReplicationError } from '../../../base/index.ts';

/** Why the data port cannot be opened. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): ReplicationError {
  const options = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new ReplicationError('port-in-use', { host, port }, options);
    case 'EACCES':
      return new ReplicationError('permission-denied', { path: `${host}:${port}` }, options);
    case 'ENOTFOUND':
    case 'EADDRNOTAVAIL':
      return new ReplicationError('host-unknown', { host }, options);
    default:
      return new ReplicationError('internal', { text: error.message }, options);
  }
}
