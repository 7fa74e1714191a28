import { connect, type TLSSocket } from 'node:tls';
import { ReplicationError } from '../base/index.ts';
import type { Address } from './address.ts';

/**
 * A TLS 1.3 socket to `address` whose certificate has the `pin`, with nothing sent over it yet. A null pin takes any certificate: for a first
 * contact that only shows the fingerprint. Rejects with `unreachable`, `host-unknown`, `fingerprint-mismatch`, `protocol-error` or `timeout`.
 */
export async function connectPinned(
  { host, port }: Address,
  options: { pin: string | null; timeoutMs: number },
): Promise<{ socket: TLSSocket; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    // No authority signs these certificates: trust comes from the pinned fingerprint alone, which is compared below before any byte is sent.
    const socket = connect({ host, port, minVersion: 'TLSv1.3', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    let isConnected = false;
    const timer = setTimeout(() => fail(new ReplicationError('timeout', { host, port })), options.timeoutMs);
    function fail(error: ReplicationError): void {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    }
    const onError = (error: NodeJS.ErrnoException) => fail(linkError(error, host, port, isConnected));
    const onClose = () => fail(new ReplicationError('protocol-error', { host, port, text: 'it closed the connection at once' }));
    socket.once('connect', () => (isConnected = true));
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      const fingerprint = socket.getPeerCertificate().fingerprint256;
      if (options.pin !== null && !samePin(fingerprint, options.pin)) {
        fail(new ReplicationError('fingerprint-mismatch', { host, port, expected: options.pin, found: fingerprint }));
        return;
      }
      clearTimeout(timer);
      socket.off('error', onError).off('close', onClose);
      resolve({ socket, fingerprint });
    });
  });
}

/** Fingerprints are compared without regard to case and colons, as people copy them. */
function samePin(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/[^0-9a-fA-F]/g, '').toUpperCase();
  return plain(a).length === 64 && plain(a) === plain(b);
}

function linkError(error: NodeJS.ErrnoException, host: string, port: number, isConnected: boolean): ReplicationError {
  const cause = { cause: error };
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return new ReplicationError('host-unknown', { host, port }, cause);
  if (error.code === 'ETIMEDOUT') return new ReplicationError('timeout', { host, port }, cause);
  if (isConnected) {
    return new ReplicationError(
      'protocol-error',
      { host, port, text: 'it is not the control port of an Understudy service' },
      cause,
    );
  }
  const text = error.code === 'ECONNREFUSED' ? 'nothing listens on that port' : (error.code ?? error.message);
  return new ReplicationError('unreachable', { host, port, text }, cause);
}
