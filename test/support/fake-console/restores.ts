import type {
  CallInput,
  ConsoleCalls,
  DrilledFile,
  DrillResult,
  RestoreChoice,
  RestoreResult,
  RestoreSnapshot,
} from '../../../src-main/api/index.ts';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { planned, planPage } from './plans.ts';
import { ago, connection, uuid } from './samples.ts';
import { reportPage, verified } from './verifications.ts';
import type { ServiceAt } from './service-calls.ts';

type Wanted = Parameters<ConsoleCalls['replication.restore']>[0];
type WantedDrill = Parameters<ConsoleCalls['replication.drill']>[0];
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** The restores of beta. Those that are not planned go one step further with each tick. */
export class FakeRestores {
  list: readonly RestoreSnapshot[] = [];
  /** The next one fails so to begin. */
  nextFailure: ReplicationError | null = null;
  /** The outcome of what ends next. */
  nextOutcome: RestoreResult['outcome'] = 'restored';
  /** What is warned of in those that are made from now on. */
  warnings: readonly string[] = [];
  /** Stand still, for checks of what is shown meanwhile. */
  isStill = false;
  readonly #nameOf: (connectionId: string) => string;

  constructor(nameOf: (connectionId: string) => string) {
    this.#nameOf = nameOf;
  }

  begin({ choice, overwrite, checksum, plan, holderId, receiverId }: Wanted): RestoreSnapshot {
    const made = this.#made({ choice, overwrite, checksum, holderId, receiverId, kind: 'restore' });
    const summary = planned(carrier(made), { kind: 'different' });
    const counts = { ...summary.counts, delete: { entries: 0, bytes: 0 }, move: { entries: 0, bytes: 0 } };
    const change = { state: 'planned', plan: { ...summary, counts } } as const;
    return this.#keep(plan ? { ...made, ...change } : made);
  }

  drill({ from, folder, files, seed, holderId, receiverId, sourceId }: WantedDrill): RestoreSnapshot {
    const paths = Array.from({ length: files }, (_, at) => `/srv/accounts/2026/ledger-${at}.ods`);
    const choice: RestoreChoice = { from, paths, to: { kind: 'folder', path: `${folder}/drill-1` } };
    const made = this.#made({ choice, overwrite: 'always', checksum: false, holderId, receiverId, kind: 'drill' });
    this.#drills.set(made.id, drilled(paths, seed ?? 'b7e1', sourceId !== null));
    return this.#keep(made);
  }

  go(restoreId: string): RestoreSnapshot {
    return this.#change(restoreId, () => ({ state: 'copying' }));
  }

  cancel(restoreId: string): RestoreSnapshot {
    return this.#change(restoreId, () => ({ state: 'done', result: ended('cancelled') }));
  }

  tick(): void {
    if (this.isStill) return;
    for (const { id, state } of this.list)
      if (state !== 'planned' && state !== 'done') this.#change(id, (one) => this.#next(one));
  }

  get(restoreId: string | null): RestoreSnapshot {
    const found = this.list.find(({ id }) => restoreId === null || id === restoreId);
    if (found === undefined) throw new ReplicationError('not-found', { path: restoreId ?? 'a restore' });
    return found;
  }

  readonly #drills = new Map<string, DrillResult>();

  #next(one: RestoreSnapshot): Partial<RestoreSnapshot> {
    const cut = { sequence: 10, at: ago(60), label: 'point-in-time' } as const;
    if (one.state === 'holding')
      return { state: 'copying', cut, progress: { sentBytes: 4e8, skippedBytes: 1e8, remainingBytes: 5e8 } };
    if (one.state === 'copying') return { state: 'verifying', progress: null };
    return { state: 'done', cut, result: this.#result(one) };
  }

  #result(one: RestoreSnapshot): RestoreResult {
    const bytes = this.nextOutcome === 'different';
    const why = bytes ? 'The verification found 450 differences.' : '';
    const verify = verified(carrier(one), { bytes, repair: 'none', orphans: false }, 900);
    return { ...ended(this.nextOutcome, why), verify, drill: this.#drills.get(one.id) ?? null };
  }

  #made(order: Pick<Wanted, 'choice' | 'overwrite' | 'checksum' | 'holderId' | 'receiverId'> & Pick<RestoreSnapshot, 'kind'>) {
    const failure = this.nextFailure;
    this.nextFailure = null;
    if (failure !== null) throw failure;
    const { choice, overwrite, checksum, holderId, receiverId, kind } = order;
    const number = 700 + this.list.length;
    const to = choice.to.kind === 'origin' ? '' : choice.to.path;
    const made: RestoreSnapshot = {
      ...{ id: uuid(number), connectionId: uuid(number + 100), kind, choice, overwrite, checksum },
      name: choice.from.kind === 'folder' ? choice.from.path : this.#nameOf(choice.from.connectionId),
      ...{ serverName: holderId, targetName: receiverId, startedBy: 'ops', startedAt: ago(0), state: 'holding' },
      roots: [{ from: '/replicas/alpha/srv/accounts', to: `${to}/srv/accounts` }],
      ...{ cut: null, warnings: this.warnings, plan: null, progress: null, waitsFor: '', result: null },
    };
    return made;
  }

  #keep(restore: RestoreSnapshot): RestoreSnapshot {
    this.list = [restore, ...this.list];
    return restore;
  }

  #change(restoreId: string, change: (one: RestoreSnapshot) => Partial<RestoreSnapshot>): RestoreSnapshot {
    const before = this.get(restoreId);
    const after = { ...before, ...change(before) };
    this.list = this.list.map((one) => (one.id === restoreId ? after : one));
    return after;
  }
}

/** The connection that carries a restore. */
function carrier({ connectionId, name, serverName, targetName, roots }: RestoreSnapshot) {
  return connection(1, `restore of ${name}`, targetName, { id: connectionId, sourceName: serverName, roots });
}

function ended(outcome: RestoreResult['outcome'], why = ''): RestoreResult {
  const mirror = {
    options: { kind: 'different' },
    completedAt: ago(2),
    sentFiles: 361,
    sentBytes: 1_917_824_000,
    skippedFiles: 17_870,
    skippedBytes: 46_400_000_000,
    leftFiles: 0,
    leftBytes: 0,
  } as const;
  return { outcome, why, endedAt: ago(0), mirror: outcome === 'cancelled' ? null : mirror, verify: null, problems: [], drill: null }; // prettier-ignore
}

function drilled(paths: readonly string[], seed: string, isCompared: boolean): DrillResult {
  const files = paths.map((path, at): DrilledFile => ({
    ...{ path, bytes: 18_200 + at, sha256: SHA256, isRestored: true, why: null },
    certificate: at === 1 ? 'changed' : 'equal',
    source: isCompared ? (at === 1 ? 'changed' : 'equal') : 'none',
  }));
  const sample = { seed, files, population: { files: 18_231, bytes: 48_318_382_080 }, unnameable: 2, unreadable: 1 };
  return { isPassed: true, sample, certificateId: '2026-11-22T11-00-00-000Z', proven: files.length - 1, failed: 0, files };
}

/** What beta answers of restores. */
export const restoreCalls = {
  'restore.list': ({ world, serverId }: ServiceAt) => (serverId === 'beta' ? world.restores.list : []),
  'restore.get': ({ world }: ServiceAt, { restoreId }: CallInput<'restore.get'>) => {
    const restore = world.restores.get(restoreId);
    return { restore, sha256: restore.state === 'done' ? SHA256 : null, isIntact: true };
  },
  'restore.go': ({ world }: ServiceAt, { restoreId }: CallInput<'restore.go'>) => world.restores.go(restoreId),
  'restore.cancel': ({ world }: ServiceAt, { restoreId }: CallInput<'restore.cancel'>) => world.restores.cancel(restoreId),
};

/** A page of the plan of a restore; null for a plan of something else. */
export function restorePlanPage(restores: FakeRestores, { connectionId, action, offset, limit }: CallInput<'mirror.planned'>) {
  const plan = restores.list.find((one) => one.connectionId === connectionId)?.plan;
  return plan == null ? null : planPage(plan, action, offset, limit);
}

/** A page of the report of a restore's verification; null for another. */
export function restoreReportPage(restores: FakeRestores, { connectionId, offset, limit }: CallInput<'verify.report'>) {
  const verify = restores.list.find((one) => one.connectionId === connectionId)?.result?.verify;
  return verify == null ? null : reportPage(verify, offset, limit);
}
