import { ReplicationError } from '../../../base/index.ts';
import type { FramePacker, LinkOptions } from '../../transmit/index.ts';
import type { ConnectionSpec, EngineIdentity } from '../replicator-api.ts';
import type { Problems } from './problems.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** From here on the clocks of source and target differ too much to be told apart by. */
const SKEW_MS = 2_000;

export function linkOptions(spec: ConnectionSpec, identity: EngineIdentity, packer: FramePacker): LinkOptions {
  return {
    host: spec.targetHost,
    port: spec.targetDataPort,
    keyPem: identity.keyPem,
    certificatePem: identity.certificatePem,
    targetFingerprint: spec.targetFingerprint,
    connectionId: spec.id,
    timeoutMs: CONNECT_TIMEOUT_MS,
    packer,
  };
}

/** Times of the two machines are compared by `newer` and by age limits; everything else only asks whether they are equal. */
export function noteSkew(problems: Problems, target: string, clockSkewMs: number): void {
  const key = `clock:${target}`;
  if (Math.abs(clockSkewMs) < SKEW_MS) problems.clear(key);
  else problems.note(key, new ReplicationError('clock-skew', { target, clockSkewMs }));
}
