import type { ConnectionSnapshot, Cut, ReplicaSnapshot, RestoreResult } from '../../api/index.ts';
import { assertNever, describeError, ReplicationError, toReplicationError } from '../../base/index.ts';
import { treesOf } from './choice.ts';
import { judgeDrill } from './drill.ts';
import { mirrorOf, type RestoreParts } from './parts.ts';
import { readerOf, type StoredRestore } from './stored.ts';

/** No alarm is raised for a window of a restore: it ends with it. */
const LONGEST_MINUTES = 525_600;
const PAGE = 1_000;

/** What is to be stored next; null: it has to wait. */
export type Step = Partial<StoredRestore> | null;

/** How it ended, before it is known when. */
type Ending = Omit<RestoreResult, 'endedAt'>;

const nothing = { mirror: null, verify: null, problems: [], drill: null } as const;

/**
 * Takes a restore one step on: gives the order of its state and says what to store. Each order can be given twice, so one that was killed
 * between the two begins with the stored state again.
 */
export async function takeStep(restore: StoredRestore, parts: RestoreParts, signal: AbortSignal): Promise<Step> {
  const connection = parts.connections.list().find(({ id }) => id === restore.connection.id);
  if (restore.cancelledBy !== null)
    return ending({ ...nothing, outcome: 'cancelled', why: `${restore.cancelledBy} cancelled it.` });
  if (restore.state === 'holding') return hold(restore, parts);
  if (connection === undefined) return failed('Somebody disconnected the connection that carried its data.');
  const moving = whyMoving(restore, parts);
  if (moving !== null) return failed(mixture(moving));
  if (connection.halt !== null) return failed(connection.halt.cause);
  // Right after a start only the worker knows how far it is.
  if (connection.replication !== 'replicating') return null;
  switch (restore.state) {
    case 'planning':
      return plan(restore, connection, parts);
    case 'planned':
    case 'ending':
      return null;
    case 'copying':
      return copied(connection);
    case 'verifying':
      return verified(restore, connection, parts, signal);
    default:
      return assertNever(restore.state);
  }
}

/** How it came that its replica no longer stands still; null while it does. Once it was all read nobody asks any more. */
function whyMoving(restore: StoredRestore, { windows }: RestoreParts): string | null {
  const { from } = restore.choice;
  if (from.kind === 'folder') return null;
  const window = windows.list().find((one) => one.connectionId === from.connectionId && one.owner === readerOf(restore));
  if (window === undefined) return 'its backup window was ended by somebody else, or the replica was released';
  return window.state === 'broken' ? window.why : null;
}

/** For people. `why`: how it came that the replica went on. */
export function mixture(why: string): string {
  return `The replica changed while it was read: ${why}. What was restored may be a mixture.`;
}

/** What it has taken is given back; both may have been done before. */
export async function giveBack(
  restore: StoredRestore,
  parts: RestoreParts,
): Promise<{ readonly moving: string | null; readonly isTold: boolean }> {
  const { connection, choice } = restore;
  if (restore.result?.mirror == null) await parts.connections.openForRestore(connection, null).catch(() => undefined); // only so that the receiver is told
  const closed = await parts.connections.disconnect(connection.id).catch(unless('unknown-connection'));
  const isTold = closed?.isConfirmed !== false;
  if (choice.from.kind === 'folder') return { moving: null, isTold };
  const name = { side: 'target', name: choice.from.connectionId, target: null } as const;
  const given = await parts.windows.end({ ...name, owner: readerOf(restore) }).catch(unless('unknown-connection'));
  return { moving: given?.ended?.state === 'broken' ? given.ended.why : null, isTold };
}

/** Brings the replica to rest, and then opens the connection: what it reads moves no more. */
async function hold(restore: StoredRestore, parts: RestoreParts): Promise<Step> {
  const { from } = restore.choice;
  let cut: Cut | null = null;
  let { connection } = restore;
  if (from.kind === 'replica') {
    const order = { side: 'target', name: from.connectionId, target: null, owner: readerOf(restore) } as const;
    let verdict;
    try {
      const reason = `${restore.kind} to ${restore.connection.targetName}`;
      verdict = (await parts.windows.begin({ ...order, reason, maxMinutes: LONGEST_MINUTES })).verdict;
    } catch (error) {
      return failed(causeOf(error));
    }
    const replica = parts.replicas.list().find(({ connectionId }) => connectionId === from.connectionId);
    if (verdict.kind === 'no') return failed(`${verdict.why} ${verdict.nextStep}`);
    if (replica?.hold?.isEffective !== true) return null;
    cut = replica.cut;
    connection = { ...connection, warnings: [...connection.warnings, ...stateWarnings(replica)] };
  }
  try {
    await parts.connections.openForRestore(connection, restore.isPlannedFirst ? null : mirrorOf(restore));
  } catch (error) {
    return failed(causeOf(error));
  }
  return { state: restore.isPlannedFirst ? 'planning' : 'copying', cut, connection };
}

/** What a replica that stands still is, if not the last complete copy. */
function stateWarnings({ snapshots: { isComplete, reverted } }: ReplicaSnapshot): readonly string[] {
  if (reverted !== null) return [`The replica was set back to its snapshot ${reverted.snapshotId}, and is what that was.`];
  return isComplete
    ? []
    : [
        'The replica is not a complete copy of its source: a mirror of it is lacking or was not finished. What it lacks does not come.',
      ];
}

async function plan(restore: StoredRestore, connection: ConnectionSnapshot, parts: RestoreParts): Promise<Step> {
  const { run, last } = connection.plan;
  if (run !== null) return null;
  if (last !== null) return { state: 'planned', plan: last };
  const order = { kind: 'start-plan', options: mirrorOf(restore), startedBy: restore.startedBy } as const;
  await parts.connections.command(connection.id, order).catch(unless('plan-running'));
  return null;
}

function copied({ mirror }: ConnectionSnapshot): Step {
  if (mirror.kind !== 'idle') return null;
  return mirror.lastCompletedAt === null ? failed('Somebody stopped its mirror.') : { state: 'verifying' };
}

async function verified(
  restore: StoredRestore,
  connection: ConnectionSnapshot,
  parts: RestoreParts,
  signal: AbortSignal,
): Promise<Step> {
  const { run, last } = connection.verify;
  if (run !== null) return null;
  if (last === null) {
    const options = { bytes: true, repair: 'none', orphans: false } as const;
    const order = { kind: 'start-verify', options, startedBy: restore.startedBy } as const;
    await parts.connections.command(connection.id, order).catch(unless('verify-running'));
    return null;
  }
  if (last.outcome === 'stopped') return failed(last.why ?? 'Somebody stopped its verification.');
  const mirror = connection.mirror.kind === 'idle' ? (connection.mirror.lastResult ?? null) : null;
  const facts = { mirror, verify: last, problems: connection.problems };
  // What changed on the receiver, or could not be read steadily, was not compared.
  const isAll = last.outcome === 'equal' && last.busy === 0 && connection.problemCount === 0;
  const drill = restore.drill === null ? null : await drillOf(restore, restore.drill, parts, signal);
  return ending({
    ...facts,
    drill,
    outcome: isAll ? 'restored' : 'different',
    why: isAll ? '' : 'Not everything that was chosen is there as it is in the replica: see its problems and verification.',
  });
}

async function drillOf(
  restore: StoredRestore,
  order: NonNullable<StoredRestore['drill']>,
  parts: RestoreParts,
  signal: AbortSignal,
) {
  const { connection, choice } = restore;
  const differences = new Map<string, string>();
  for (let offset = 0, listed = 1; offset < listed; offset += PAGE) {
    const page = await parts.replicator.verifyReport(connection.id, { reportId: null, offset, limit: PAGE });
    ({ listed } = page);
    for (const { path, what, properties, why } of page.differences)
      differences.set(path, why ?? (what === 'different' ? `the restored file differs: ${properties.join(', ')}` : `the restored file is ${what}`)); // prettier-ignore
  }
  const { trees } = treesOf(choice.from, parts.replicas.list(), parts.volumes);
  const certificate = choice.from.kind === 'replica' ? parts.replicator.newestCertificate(choice.from.connectionId) : null;
  // Of a cut that is no point in time some files may be older than the moment that it names.
  const cutAt = restore.cut?.label === 'point-in-time' ? restore.cut.at : null;
  return judgeDrill({ order, trees, differences, certificate, cutAt, signal });
}

function failed(why: string): Step {
  return ending({ ...nothing, outcome: 'failed', why });
}

function ending(result: Ending): Step {
  return { state: 'ending', result: { ...result, endedAt: new Date().toISOString() } };
}

/** For people: what stands against it. */
export function causeOf(error: unknown): string {
  const { code, details } = toReplicationError(error);
  const { cause, nextStep } = describeError(code, details);
  return `${cause} ${nextStep}`;
}

/** For an order that may have been given before. */
export function unless(code: ReplicationError['code']): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof ReplicationError) || error.code !== code) throw error;
  };
}
