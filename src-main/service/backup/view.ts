import type { BackupVerdict, BackupView, BackupWindow, ConnectionSnapshot, Cut } from '../../api/index.ts';
import { completeCopy } from '../rotations/index.ts';
import type { StoredWindow } from './stored.ts';
import type { Subject } from './subjects.ts';
import { judge } from './verdict.ts';
import type { Looked } from './window-state.ts';

export interface ViewParts {
  readonly connections: readonly ConnectionSnapshot[];
  readonly nowMs: number;
  readonly target: { readonly name: string; readonly fingerprint: string };
}

export function showWindow(window: StoredWindow, { connection }: Looked, isOverdue: boolean): BackupWindow {
  const { id, connectionId, method, owner, reason, begunAt, maxMinutes, cut, broken } = window;
  const facts = { id, connectionId, method, owner, reason, begunAt, maxMinutes, isOverdue, cut };
  if (broken !== null) return { ...facts, state: 'broken', why: broken };
  if (cut !== null) return { ...facts, state: 'open', why: '' };
  const why = connection?.link.kind === 'down' ? connection.link.cause : 'the replica is on its way to its cut';
  return { ...facts, state: 'closing', why };
}

/** What is true of a subject, as the one who backs it up is told. */
export function viewOf(subject: Subject, window: BackupWindow | null, { connections, nowMs, target }: ViewParts): BackupView {
  const { kind, why, nextStep, method: possible } = judge(subject);
  const verdict = window === null ? { kind, why, nextStep } : verdictOf(window);
  const method = window?.method ?? possible;
  if (subject.side === 'target') {
    const { connectionId, setName, sourceName, roots } = subject.replica;
    const copy = window?.cut == null ? null : copyAt(window.cut, nowMs);
    const server = { targetName: target.name, targetFingerprint: target.fingerprint };
    return { name: subject.name, connectionId, setName, sourceName, ...server, roots, verdict, method, copy, window, others: [] };
  }
  const { id, setName, sourceName, targetName, targetFingerprint, roots } = subject.connection;
  return {
    name: subject.name,
    ...{ connectionId: id, setName, sourceName, targetName, targetFingerprint, roots, verdict, method, window },
    copy: copyOf(subject.connection, window, nowMs),
    others: connections.filter((other) => other.id !== id && other.setName === setName && isFollowing(other)).map(nameOf),
  };
}

function verdictOf({ state, why }: BackupWindow): BackupVerdict {
  if (state === 'open') return { kind: 'go', why: '', nextStep: '' };
  if (state === 'closing') return { kind: 'wait', why, nextStep: 'Try again later: the window keeps its place.' };
  return { kind: 'no', why, nextStep: 'End the window, begin again, and back up anew.' };
}

/** What stands still is as old as its cut, also while its connection is well. */
function copyOf(connection: ConnectionSnapshot, window: BackupWindow | null, nowMs: number): BackupView['copy'] {
  // A window begins on a complete copy only, and stands at it, whatever has become of its connection.
  if (window?.state === 'open' && window.cut !== null) return copyAt(window.cut, nowMs);
  const { transmission } = connection;
  const copy = completeCopy(connection, nowMs);
  return copy !== null && transmission.kind === 'paused' ? copyAt(transmission.cut, nowMs) : copy;
}

function copyAt({ at, label }: Cut, nowMs: number): BackupView['copy'] {
  return { at, ageMs: Math.max(0, nowMs - Date.parse(at)), label };
}

function isFollowing({ park, transmission, replication }: ConnectionSnapshot): boolean {
  return park === null && transmission.kind === 'active' && replication === 'replicating';
}

function nameOf({ number, targetName }: ConnectionSnapshot): string {
  return `connection ${number} to ${targetName}`;
}
