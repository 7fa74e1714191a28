import type { BackupMethod, BackupVerdict, ConnectionSnapshot, ReplicaSnapshot } from '../../api/index.ts';
import type { Subject } from './subjects.ts';

/** Whether a window could be begun, and how. */
export type Judged = BackupVerdict & { readonly method: BackupMethod };

const go = (method: BackupMethod): Judged => ({ kind: 'go', why: '', nextStep: '', method });
const wait = (why: string, method: BackupMethod = 'pause'): Judged => ({
  kind: 'wait',
  why,
  nextStep: 'Try again later.',
  method,
});
const no = (why: string, nextStep: string, method: BackupMethod = 'pause'): Judged => ({ kind: 'no', why, nextStep, method });

/** Judges a replica that nobody has a window on. */
export function judge(subject: Subject): Judged {
  if (subject.side === 'target') return judgeReplica(subject.replica);
  const { connection, slot } = subject;
  return slot === null ? judgeConnection(connection) : judgeSlot(connection, slot.snapshot);
}

function judgeSlot(
  connection: ConnectionSnapshot,
  { name, state, why, use, copy }: NonNullable<Extract<Subject, { side: 'source' }>['slot']>['snapshot'],
): Judged {
  const isAtRest = connection.park?.kind === 'parked';
  if (use !== null)
    return no(`“${name}” is in use by ${use.owner}: ${use.reason}.`, 'Wait until it is released, or release it.', 'rest');
  if (state === 'failed') return no(why, 'See: rotation display.', 'rest');
  if (state === 'coming') return wait(`“${name}” is being brought level with the source.`, 'rest');
  if (!isAtRest) return wait(`“${name}” follows the source; it may be read when it is at rest.`, 'rest');
  return copy === null
    ? no(`“${name}” is at rest without a complete copy.`, 'Back up another slot, or wait for the next switch.', 'rest')
    : go('rest');
}

function judgeConnection(connection: ConnectionSnapshot): Judged {
  const { halt, park, holds, mirror, targetData, replication, link, disconnection } = connection;
  if (halt !== null) return no(halt.cause, halt.nextStep);
  if (park?.kind === 'leaving') return wait('The connection is about to leave its target.', 'rest');
  if (park?.kind === 'parked')
    return park.cut !== null && park.isComplete
      ? go('rest')
      : no('The replica is at rest without a complete copy.', 'Reconnect it, and wait for the end of its mirror.', 'rest');
  const held = holds.find(({ by }) => by === 'operator');
  if (held !== undefined) {
    const verb = held.kind === 'pause' ? 'paused' : 'stopped';
    return no(`Transmission is ${verb} by ${held.owner}: ${held.reason}.`, `Wait until ${held.owner} lets it go on, or let it.`);
  }
  if (mirror.kind !== 'idle') return wait('A mirror is running: the replica is not complete.');
  if (replication === 'pending' || targetData === 'mirror-required')
    return no('The replica is not a complete copy: a mirror is required.', 'Start a mirror, and wait for its end.');
  if (replication === 'disconnected') return wait(disconnection?.cause ?? 'The connection has left its target.');
  if (link.kind === 'down') return wait(`The link is down: ${link.cause}`);
  if (replication !== 'replicating' || targetData !== 'good') return wait('The connection is starting.');
  return go('pause');
}

function judgeReplica({ problem, hold }: ReplicaSnapshot): Judged {
  if (problem !== null) return no(problem.cause, problem.nextStep, 'hold');
  if (hold !== null)
    return no(`The replica is held by ${hold.owner}: ${hold.reason}.`, 'Wait until it is resumed, or resume it.', 'hold');
  return go('hold');
}
