import { createHash, createVerify, X509Certificate } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { rawName, ReplicationError } from '../../base/index.ts';
import { codedError } from '../fs/index.ts';
import { headOf, MOST_HEAD_BYTES } from './certificate-head.ts';
import {
  ALGORITHM,
  badCertificate as bad,
  type CertificateEnd,
  type CertificateHead,
  type CertificateSignature,
  type CheckedCertificate,
} from './certificate.ts';
import { parseLine } from './manifest-entry.ts';

/** The last two lines are much shorter than this. */
const MOST_TAIL_BYTES = 64 * 1024;
/** Of the keys that `ALGORITHM` means. */
const CURVE = 'prime256v1';
const LINE_FEED = 0x0a;

/**
 * Checks a certificate's signature over every byte, and that its parts belong together. `fingerprint`: who must have signed, as `AB:CD:…`
 * in any case and with or without colons; null: whoever did. Rejects with `bad-certificate` and what is wrong, or coded errors of the disk.
 */
export async function checkCertificate(file: string, fingerprint: string | null): Promise<CheckedCertificate> {
  const { endAt, signatureAt, endLine, signatureLine, fileBytes } = await readTail(file);
  const { signature } = parseLine(signatureLine, file) as { signature?: Partial<CertificateSignature> };
  const { end } = parseLine(endLine, file) as { end?: CertificateEnd };
  if (signature?.algorithm !== ALGORITHM || typeof signature.value !== 'string')
    throw bad(file, 'it is signed in a way that this program does not know');
  const signer = signerOf(signature, file);
  const head = await readHead(file, endAt);
  const signed = createVerify('SHA256');
  const manifest = createHash('sha256');
  try {
    let at = 0;
    for await (const chunk of createReadStream(file, { end: signatureAt - 1 })) {
      const bytes = chunk as Buffer;
      signed.update(bytes);
      const from = Math.max(0, head.bytes - at);
      const to = Math.min(bytes.length, endAt - at);
      if (to > from) manifest.update(bytes.subarray(from, to));
      at += bytes.length;
    }
  } catch (error) {
    throw codedError(error, rawName(file));
  }
  if (!signed.verify(signer.publicKey, Buffer.from(signature.value, 'base64')))
    throw bad(file, 'its signature does not fit: it was changed after it was signed');
  if (end?.sha256 !== manifest.digest('hex')) throw bad(file, 'the hash of its manifest does not fit');
  if (plain(head.value.target.fingerprint) !== plain(signer.fingerprint256))
    throw bad(file, 'it was signed by another server than the one that it names');
  if (fingerprint !== null && plain(fingerprint) !== plain(signer.fingerprint256))
    throw bad(file, `it was signed by the server with the fingerprint ${signer.fingerprint256}, not by the expected one`);
  return { file, head: head.value, end, fingerprint: signer.fingerprint256, fileBytes };
}

/** Where the last two lines begin, and what they are. */
async function readTail(file: string) {
  try {
    await using handle = await open(file, 'r');
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, MOST_TAIL_BYTES));
    await handle.read(tail, 0, tail.length, size - tail.length);
    const last = tail.lastIndexOf(LINE_FEED, -2);
    const before = last < 1 ? -1 : tail.lastIndexOf(LINE_FEED, last - 1);
    if (tail.at(-1) !== LINE_FEED || before < 0) throw bad(file, 'it is not whole, or no certificate');
    const start = size - tail.length;
    return {
      fileBytes: size,
      endAt: start + before + 1,
      signatureAt: start + last + 1,
      endLine: tail.toString('utf8', before + 1, last),
      signatureLine: tail.toString('utf8', last + 1, tail.length - 1),
    };
  } catch (error) {
    throw codedError(error, rawName(file));
  }
}

/** The first line and how many bytes it takes. */
async function readHead(file: string, mostBytes: number): Promise<{ readonly value: CertificateHead; readonly bytes: number }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { end: Math.min(mostBytes, MOST_HEAD_BYTES) - 1 })) {
      const found = (chunk as Buffer).indexOf(LINE_FEED);
      const part = found < 0 ? (chunk as Buffer) : (chunk as Buffer).subarray(0, found + 1);
      chunks.push(part);
      bytes += part.length;
      if (found >= 0) return { value: headOf(parseLine(Buffer.concat(chunks).toString('utf8'), file), file), bytes };
    }
  } catch (error) {
    throw codedError(error, rawName(file));
  }
  throw bad(file, 'it has no head');
}

/** The signer's own certificate; only a key of the kind that `ALGORITHM` names is taken. */
function signerOf({ certificate }: Partial<CertificateSignature>, file: string) {
  try {
    const { publicKey, fingerprint256 } = new X509Certificate(certificate ?? '');
    const isKnown = publicKey.asymmetricKeyType === 'ec' && publicKey.asymmetricKeyDetails?.namedCurve === CURVE;
    if (!isKnown) throw bad(file, 'the key that signed it is of another kind than it says');
    return { publicKey, fingerprint256 };
  } catch (error) {
    if (error instanceof ReplicationError) throw error;
    throw bad(file, 'the certificate of the server that signed it cannot be read', error);
  }
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toUpperCase();
}
