import type { CallInput, CallResult, CertificateSummary } from '../../../src-main/api/index.ts';

/** The most that one call gives. */
const PART_BYTES = 256 * 1024;

type Read = (input: CallInput<'certificate.read'>) => Promise<CallResult<'certificate.read'>>;

/** The whole file of a certificate, piece by piece, byte for byte: its signature is over these bytes. `onProgress`: bytes so far. */
export async function readCertificate(
  { connectionId, id, fileBytes }: CertificateSummary,
  read: Read,
  onProgress: (readBytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Uint8Array(fileBytes);
  for (let offset = 0; offset < fileBytes;) {
    const { data } = await read({ connectionId, certificateId: id, offset, limit: PART_BYTES });
    const part = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    if (part.length === 0) throw new Error('The certificate’s file ended before its length.');
    file.set(part, offset);
    offset += part.length;
    onProgress(offset);
  }
  return file;
}
