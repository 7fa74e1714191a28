import type { CallInput, CertificateSummary, ReplicaSnapshot } from '../../../src-main/api/index.ts';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { ago, fingerprintOf } from './samples.ts';
import type { ServiceAt } from './service-calls.ts';
import type { FakeWorld } from './world.ts';

/** A certificate's file, long enough to be read in two pieces. */
export const certificateFile = Buffer.from(`{"format":"understudy certificate","version":1}\n${'ü'.repeat(200_000)}\n`);

/** One whose connection has ended. */
export function endedCertificate(connectionId: string): CertificateSummary {
  const of = { connectionId, setName: 'Payroll', sourceName: 'alpha', roots: [], hold: null, appliedSequence: 812, cut: null };
  return made(of, 'eva', 9);
}

function made(
  replica: Pick<ReplicaSnapshot, 'connectionId' | 'setName' | 'sourceName' | 'roots' | 'cut' | 'appliedSequence' | 'hold'>,
  startedBy: string,
  number: number,
): CertificateSummary {
  const { connectionId, setName, sourceName, roots, cut, appliedSequence, hold } = replica;
  return {
    id: `2026-11-22T11-00-0${number}-000Z`,
    ...{ connectionId, setName, sourceName, targetName: 'beta', roots, cut, appliedSequence, startedBy },
    ...{ files: 18_231, folders: 1290, symlinks: 4, others: 0, bytes: 48_318_382_080, unreadable: 0, kept: 30, orphans: 1 },
    standstill: { by: 'hold', owner: hold?.owner ?? null, reason: hold?.reason ?? null },
    startedAt: ago(14),
    finishedAt: ago(0),
    readFiles: 12,
    readBytes: 402_653_184,
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    fingerprint: fingerprintOf('beta'),
    fileBytes: certificateFile.length,
  };
}

function replicaIn(world: FakeWorld, connectionId: string): ReplicaSnapshot {
  const found = world.replicas.find((one) => one.connectionId === connectionId);
  if (found === undefined) throw new ReplicationError('unknown-connection', { connection: connectionId });
  return found;
}

function tell(world: FakeWorld, connectionId: string): null {
  const last = world.certificates.find((one) => one.connectionId === connectionId) ?? null;
  return world.changeReplica(connectionId, () => ({ certificates: { run: null, last, failure: null } }));
}

/** What beta answers of certificates: one is made in no time, of a replica that is held. */
export const certificateCalls = {
  'certificate.make': ({ world, server }: ServiceAt, { connectionId }: CallInput<'certificate.make'>) => {
    const replica = replicaIn(world, connectionId);
    if (replica.hold === null) throw new ReplicationError('replica-moving', { isMeanwhile: false });
    const user = server.state.kind === 'online' ? server.state.user : '';
    world.certificates.unshift(made(replica, user, world.certificates.length));
    return tell(world, connectionId);
  },
  'certificate.list': ({ world }: ServiceAt, { connectionId }: CallInput<'certificate.list'>) =>
    world.certificates.filter((one) => connectionId === null || one.connectionId === connectionId),
  'certificate.read': (_: ServiceAt, { certificateId, offset, limit }: CallInput<'certificate.read'>) => ({
    id: certificateId ?? '',
    offset,
    totalBytes: certificateFile.length,
    data: certificateFile.subarray(offset, offset + limit).toString('base64'),
  }),
  'certificate.delete': ({ world }: ServiceAt, { connectionId, certificateId }: CallInput<'certificate.delete'>) => {
    world.certificates = world.certificates.filter((one) => one.id !== certificateId);
    return tell(world, connectionId);
  },
};
