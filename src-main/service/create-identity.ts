import 'reflect-metadata'; // before @peculiar/x509, whose dependency injection needs it at import
import { X509CertificateGenerator, BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';

const YEARS_VALID = 50;

/** A new key and a certificate signed by it. It carries no authority: peers trust its fingerprint, so its end date only has to be far. */
export async function createIdentity(serverName: string, now = new Date()): Promise<{ keyPem: string; certificatePem: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and of full length
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS_VALID);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial.toString('hex'),
      name: [{ O: ['Understudy'] }, { CN: [serverName.slice(0, 64)] }],
      // A peer whose clock is a little behind must not find it "not yet valid".
      notBefore: new Date(now.getTime() - 24 * 3_600_000),
      notAfter,
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ],
    },
    webcrypto,
  );
  const keyPem = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { keyPem: keyPem.toString(), certificatePem: `${certificate.toString('pem')}\n` };
}
