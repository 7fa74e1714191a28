import type { ConnectionId, ServiceCaller } from '../api/index.ts';
import type { DtclHost } from './host.ts';

const PART_BYTES = 256 * 1024;

export interface CertificateFile {
  readonly connectionId: ConnectionId;
  /** Null: the newest. */
  readonly certificateId: string | null;
  /** A file that is there already is not replaced. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Brings a certificate from its target into a new file here, whole or not at all. Resolves with its id. */
export async function bringCertificate(
  calls: ServiceCaller,
  host: Pick<DtclHost, 'createFile'>,
  { connectionId, certificateId, path, signal }: CertificateFile,
): Promise<string | null> {
  let id = certificateId;
  const file = await host.createFile(path);
  try {
    for (let offset = 0, totalBytes = 1; offset < totalBytes;) {
      signal.throwIfAborted();
      const part = await calls.call('certificate.read', { connectionId, certificateId: id, offset, limit: PART_BYTES });
      const bytes = Buffer.from(part.data, 'base64');
      await file.write(bytes);
      // What follows is of the same one, also if a newer one appears meanwhile.
      id = part.id;
      offset += bytes.length;
      totalBytes = bytes.length === 0 ? 0 : part.totalBytes;
    }
    await file.finish();
  } catch (error) {
    await file.drop();
    throw error;
  }
  return id;
}
