import type { RestoreResult, RestoreSnapshot } from '../../src-main/api/index.ts';
import type { RestoreRequest } from '../../src-main/dtcl/index.ts';

const since = '2026-11-22T11:00:00.000Z';

/** A restore that has begun. */
export function fakeRestore({ choice, overwrite, checksum, holder, receiver, drill }: RestoreRequest): RestoreSnapshot {
  return {
    id: 'r1', connectionId: 'c1', kind: drill === null ? 'restore' : 'drill', name: 'accounts', choice, overwrite, checksum, serverName: holder, targetName: receiver,
    roots: [{ from: '/replica/x', to: '/data/x' }], warnings: [], startedBy: 'admin', startedAt: since, state: 'copying', cut: null, plan: null, progress: null, waitsFor: '', result: null,
  }; // prettier-ignore
}

export function endedRestore(restore: RestoreSnapshot, outcome: RestoreResult['outcome'], why = ''): RestoreSnapshot {
  const result = { outcome, why, endedAt: since, mirror: null, verify: null, problems: [], drill: null };
  return { ...restore, state: 'done', result };
}
