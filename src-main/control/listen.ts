import type { Server } from 'node:net';
import { ReplicationError } from '../base/index.ts';

/** Binds a server to a port; rejects with `port-in-use`, `permission-denied` (a port below 1024) or `bad-input` (no such address here). */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ReplicationError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ReplicationError('port-in-use', { host, port }, { cause: error });
    case 'EACCES':
      return new ReplicationError('permission-denied', { path: `port ${port}` }, { cause: error });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ReplicationError('bad-input', { text: `this machine has no address ${host}` }, { cause: error });
    default:
      return new ReplicationError('io-error', { path: `${host}:${port}`, text: error.message }, { cause: error });
  }
}
