import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ReplicationError } from '../base/index.ts';
import type { EngineIdentity } from '../engine/connection/index.ts';

/** Reads the stored identity and checks that key and certificate belong together. */
export function readIdentity(files: { readonly key: string; readonly certificate: string }): EngineIdentity {
  const keyPem = readFileSync(files.key, 'utf8');
  const certificatePem = readFileSync(files.certificate, 'utf8');
  try {
    const certificate = new X509Certificate(certificatePem);
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) throw new Error('the key is not the one of the certificate');
    return { keyPem, certificatePem, fingerprint: certificate.fingerprint256 };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ReplicationError('damaged-data', { path: files.certificate, text }, { cause: error });
  }
}
