import { createHash, createSign } from 'node:crypto';
import { LinesWriter } from '../../base/index.ts';
import { ALGORITHM, type CertificateEnd, type CertificateHead, type CertificateSignature } from './certificate.ts';
import { entryToLine, type ManifestEntry } from './manifest-entry.ts';

/** The key of the server that signs, PEM. */
export interface Signer {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** Writes one certificate as it grows, in a new file. What is not finished has no signature and proves nothing. Throws the system's errors. */
export class CertificateWriter {
  readonly #lines: LinesWriter;
  readonly #signed = createSign('SHA256');
  readonly #manifest = createHash('sha256');
  #part: 'head' | 'manifest' | 'end' | 'signature' = 'head';

  constructor(file: string, head: CertificateHead) {
    this.#lines = new LinesWriter(file, (bytes) => {
      if (this.#part !== 'signature') this.#signed.update(bytes);
      if (this.#part === 'manifest') this.#manifest.update(bytes);
    });
    this.#lines.write(head);
    this.#lines.flush();
    this.#part = 'manifest';
  }

  /** Entries come in the order of `compareEntries`. */
  add(entry: ManifestEntry): void {
    this.#lines.write(entryToLine(entry));
  }

  /** Signs, and makes the file durable. */
  finish(end: Omit<CertificateEnd, 'sha256'>, { keyPem, certificatePem }: Signer): CertificateEnd {
    this.#lines.flush();
    this.#part = 'end';
    const whole: CertificateEnd = { ...end, sha256: this.#manifest.digest('hex') };
    this.#lines.write({ end: whole });
    this.#lines.flush();
    this.#part = 'signature';
    const signature: CertificateSignature = {
      algorithm: ALGORITHM,
      value: this.#signed.sign(keyPem).toString('base64'),
      certificate: certificatePem,
    };
    this.#lines.write({ signature });
    this.#lines.finish();
    return whole;
  }

  /** Drops what was not written yet; the caller removes the file. */
  close(): void {
    this.#lines.close();
  }
}
