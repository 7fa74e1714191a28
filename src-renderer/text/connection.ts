import type { ConnectionSnapshot, Cut } from '../../src-main/api/index.ts';
import { cloneWords } from './clones.ts';
import { bytes, count, counted, duration, moment, percent, rate } from './format.ts';
import { consistencyWord, mirrorKindLabel } from './choices.ts';
import { mirrorWord, replicationWord, targetDataWord, transmissionWord } from './status.ts';

/** How far the replica is behind, in changes that the target has not applied yet. */
export function lagOps(connection: ConnectionSnapshot): number {
  const { queuedOps, inFlightOps, targetQueueOps } = connection.statistics;
  return queuedOps + inFlightOps + targetQueueOps;
}

export function lagBytes(connection: ConnectionSnapshot): number {
  const { queuedBytes, inFlightBytes, targetQueueBytes } = connection.statistics;
  return queuedBytes + inFlightBytes + targetQueueBytes;
}

/** The lag for a table: a number of changes, or `none`. */
export function lagWord(connection: ConnectionSnapshot): string {
  const ops = lagOps(connection);
  return ops === 0 ? 'none' : counted(ops, 'op');
}

/** How full the source's queue is, and how long transmission could still be held. */
export function queueWord({ queue }: ConnectionSnapshot): { readonly word: string; readonly detail: string } {
  const full = queue.fullInMs === null ? '' : `, full in ${duration(queue.fullInMs)} if held`;
  return {
    word: `${percent(queue.percent)} taken${full}`,
    detail: `${bytes(queue.memoryBytes)} in memory and ${bytes(queue.diskBytes)} on disk, room for ${bytes(queue.roomBytes)} more. Changes come at ${rate(queue.bytesPerSec)}.`,
  };
}

/** What a replica holds at its cut. */
export function cutWords({ sequence, at, label, isFrozen }: Cut): string {
  const frozen = isFrozen === true ? ', with the application at rest' : '';
  return `Everything up to operation ${sequence} is applied, ${moment(at)}, ${consistencyWord(label).word.toLowerCase()}${frozen}`;
}

/** Who holds transmission besides the one that the transmission's own state names. */
export function otherHolds({ holds }: ConnectionSnapshot): ConnectionSnapshot['holds'] {
  return holds.slice(1);
}

export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly title?: string;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** Every number of a connection, grouped as a person looks for it. */
export function statisticsGroups(connection: ConnectionSnapshot): readonly FactGroup[] {
  const s = connection.statistics;
  const amount = (label: string, ops: number, size: number): Fact => ({
    label,
    value: `${counted(ops, 'op')}, ${bytes(size)}`,
    title: `${count(size)} bytes`,
  });
  return [
    {
      title: 'Where the changes are',
      facts: [
        amount('Waiting on the source', s.queuedOps, s.queuedBytes),
        amount('Of that on disk', s.queuedDiskOps, s.queuedDiskBytes),
        {
          label: 'Queue room',
          value: queueWord(connection).word,
          title: queueWord(connection).detail,
        },
        amount('In flight', s.inFlightOps, s.inFlightBytes),
        amount('Waiting on the target', s.targetQueueOps, s.targetQueueBytes),
        amount('Applied', s.appliedOps, s.appliedBytes),
      ],
    },
    {
      title: 'Sent since the start of the service',
      facts: [
        amount('Total', s.sentOps, s.sentBytes),
        { label: 'For the mirror', value: bytes(s.sentMirrorBytes), title: `${count(s.sentMirrorBytes)} bytes` },
        { label: 'For replication', value: bytes(s.sentReplicationBytes), title: `${count(s.sentReplicationBytes)} bytes` },
        { label: 'Rate now', value: rate(s.bytesPerSec) },
      ],
    },
    {
      title: 'Order',
      facts: [
        { label: 'Sent up to', value: `operation ${count(s.sentSequence)}` },
        { label: 'Received up to', value: `operation ${count(s.receivedSequence)}` },
        { label: 'Applied up to', value: `operation ${count(s.appliedSequence)}` },
        {
          label: 'Time to the replica',
          value:
            s.latencyMs === null
              ? 'no change yet'
              : `${duration(s.latencyMs.p50)} typical, ${duration(s.latencyMs.p99)} slowest in 100`,
        },
        { label: 'Last path', value: s.lastPath ?? 'none yet' },
      ],
    },
    mirrorGroup(connection),
    {
      title: 'State',
      facts: [
        { label: 'Replica', value: targetDataWord(connection).word },
        { label: 'Transmission', value: transmissionWord(connection).word },
        { label: 'Replication', value: replicationWord(connection).word },
        { label: 'Target', value: `${connection.targetName} at ${connection.targetAddress}` },
        { label: 'Connected since', value: moment(connection.connectedSince) },
        { label: 'Capture', value: connection.capture.method, title: connection.capture.why },
        ...clonesFact(connection),
      ],
    },
  ];
}

function clonesFact({ capture: { clones } }: ConnectionSnapshot): FactGroup['facts'] {
  return clones === undefined ? [] : [{ label: 'Copies at one instant', value: cloneWords(clones), title: clones.why }];
}

function mirrorGroup(connection: ConnectionSnapshot): FactGroup {
  const { mirror } = connection;
  const title = 'Mirror';
  if (mirror.kind === 'idle') {
    const last = mirror.lastCompletedAt === null ? 'never' : moment(mirror.lastCompletedAt);
    return {
      title,
      facts: [
        { label: 'State', value: mirrorWord(connection).word },
        { label: 'Last completed', value: last },
      ],
    };
  }
  const calculated =
    mirror.calculatedBytes === null
      ? 'calculating'
      : `${counted(mirror.calculatedFiles ?? 0, 'file')}, ${bytes(mirror.calculatedBytes)}`;
  return {
    title,
    facts: [
      { label: 'State', value: mirrorWord(connection).word },
      { label: 'Kind', value: mirrorKindLabel(mirror.options) },
      { label: 'Started', value: moment(mirror.startedAt) },
      { label: 'To look at', value: calculated },
      { label: 'Sent', value: `${counted(mirror.sentFiles, 'file')}, ${bytes(mirror.sentBytes)}` },
      { label: 'Equal, not sent', value: `${counted(mirror.skippedFiles, 'file')}, ${bytes(mirror.skippedBytes)}` },
      { label: 'Left', value: mirror.remainingBytes === null ? 'calculating' : bytes(mirror.remainingBytes) },
      { label: 'Rate', value: rate(mirror.bytesPerSec) },
      { label: 'Time left', value: mirror.timeLeftMs === null ? 'not known yet' : duration(mirror.timeLeftMs) },
    ],
  };
}

/** `3: Documents, alpha to beta`. */
export function connectionTitle(connection: ConnectionSnapshot): string {
  return `${connection.setName}: ${connection.sourceName} to ${connection.targetName}`;
}
