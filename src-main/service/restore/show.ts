import type { ConnectionSnapshot, RestoreSnapshot } from '../../api/index.ts';
import type { StoredRestore } from './stored.ts';

/** A restore as people see it. `connection`: what carries its data now; null before and after. */
export function showRestore(restore: StoredRestore, connection: ConnectionSnapshot | null): RestoreSnapshot {
  const { id, kind, name, choice, overwrite, checksum, startedBy, startedAt, state, cut, plan, result } = restore;
  const { sourceName, targetName, roots, warnings } = restore.connection;
  return {
    ...{
      id,
      connectionId: restore.connection.id,
      kind,
      name,
      choice,
      overwrite,
      checksum,
      startedBy,
      startedAt,
      state,
      cut,
      plan,
    },
    ...{ serverName: sourceName, targetName, roots, warnings },
    progress: progressOf(connection),
    waitsFor: waitsFor(restore, connection),
    result,
  };
}

/** As its report has it. */
export function showEnded(restore: StoredRestore): RestoreSnapshot {
  return { ...showRestore(restore, null), state: 'done', waitsFor: '' };
}

function progressOf(connection: ConnectionSnapshot | null): RestoreSnapshot['progress'] {
  if (connection === null || connection.mirror.kind === 'idle') return null;
  const { sentBytes, skippedBytes, remainingBytes } = connection.mirror;
  return { sentBytes, skippedBytes, remainingBytes };
}

function waitsFor({ state, kind }: StoredRestore, connection: ConnectionSnapshot | null): string {
  if (state === 'holding') return 'The replica comes to rest.';
  if (state === 'planned') return `It is planned, and waits for the order to go on or to cancel it: understudy restore go|cancel`;
  if (state === 'ending' || connection === null) return '';
  const { link, holds, transmission, problems } = connection;
  if (link.kind === 'down') return link.cause;
  const [held] = holds;
  if (held !== undefined) return `${held.owner} holds it: ${held.reason}`;
  if (transmission.kind === 'scheduled') return `The schedule lets nothing go now: ${transmission.reason}`;
  const [problem] = problems;
  return problem === undefined ? '' : `${problem.cause} ${kind === 'drill' ? '' : problem.nextStep}`.trim();
}
