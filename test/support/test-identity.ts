import { X509Certificate } from 'node:crypto';
import type { EngineIdentity } from '../../src-main/engine/connection/index.ts';
import { createIdentity } from '../../src-main/service/create-identity.ts';

/** A new identity as a server has it. */
export async function testIdentity(name: string): Promise<EngineIdentity> {
  const made = await createIdentity(name);
  return { ...made, fingerprint: new X509Certificate(made.certificatePem).fingerprint256 };
}
