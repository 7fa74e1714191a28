import type { ConnectionSnapshot, Cut, MirrorOptions } from '../../../src-main/api/index.ts';
import { describeError } from '../../../src-main/base/index.ts';
import type { ConnectionCommand } from '../../../src-main/engine/connection/index.ts';
import type { Rotations } from '../../../src-main/service/rotations/index.ts';
import type { StoredRotation } from '../../../src-main/service/rotations/stored.ts';
import { rotationsOver } from '../fake-rotations.ts';
import { startMirror } from './motion.ts';
import { ago, connection, uuid } from './samples.ts';

/** The real rotations of a service, on toy connections. They look at the clock when the world moves. */
export function fakeRotations(given: {
  readonly connections: () => readonly ConnectionSnapshot[];
  readonly change: (connectionId: string, change: (one: ConnectionSnapshot) => Partial<ConnectionSnapshot>) => void;
  readonly initial: readonly StoredRotation[];
  readonly onChange: () => void;
}): { readonly rotations: Rotations; readonly look: () => void } {
  const looks = new Set<() => void>();
  const rotations = rotationsOver({
    connections: given.connections,
    command: (connectionId, command) => {
      given.change(connectionId, (one) => commanded(one, command));
      return Promise.resolve();
    },
    clock: {
      now: () => Date.now(),
      every: (_ms, look) => {
        looks.add(look);
        return () => looks.delete(look);
      },
    },
    initial: { rotations: given.initial },
    onChange: given.onChange,
  });
  return { rotations, look: () => looks.forEach((look) => look()) };
}

/** What a rotation orders of its slots, and a window of a connection. What takes time is in `motion.ts`. */
export function commanded(one: ConnectionSnapshot, command: ConnectionCommand): Partial<ConnectionSnapshot> {
  const since = ago(0);
  switch (command.kind) {
    case 'park':
      return parking(one, command.owner, command.reason);
    case 'reconnect':
      return reconnecting(one, command.mirror);
    case 'pause-transmission': {
      const by = { since, owner: command.owner, reason: command.reason };
      return { transmission: { kind: 'pausing', ...by }, holds: [{ by: 'operator', kind: 'pause', ...by }] };
    }
    case 'resume-transmission':
      return { transmission: { kind: 'active', since }, holds: [] };
    case 'start-mirror':
      return startMirror(one, command.options);
    default:
      throw new Error(`not of a rotation: ${command.kind}`);
  }
}

/** Ordered to leave its target; `motion.ts` brings it to its cut. */
export function parking({ park }: ConnectionSnapshot, owner: string, reason: string): Partial<ConnectionSnapshot> {
  return park === null ? { park: { kind: 'leaving', owner, reason, since: ago(0) } } : {};
}

export function reconnecting(one: ConnectionSnapshot, mirror: MirrorOptions | null): Partial<ConnectionSnapshot> {
  const back = { park: null, disconnection: null, replication: 'replicating' } as const;
  if (one.park?.kind === 'leaving') return { park: null };
  return mirror === null ? { ...back, replication: 'pending' } : { ...startMirror(one, mirror), ...back };
}

/** At rest, with a complete copy of a cut. */
export function parked(owner: string, reason: string, cut: Cut, isComplete = true): Partial<ConnectionSnapshot> {
  const since = cut.at;
  return {
    park: { kind: 'parked', owner, reason, since, cut, isComplete },
    replication: 'parked',
    targetData: 'mirror-required',
    link: { kind: 'stopped', since },
    disconnection: { code: 'parked', path: null, since, ...describeError('parked', { user: owner, text: reason }) },
  };
}

const rest = (secondsAgo: number): Cut => ({ sequence: 18_412 + secondsAgo, at: ago(secondsAgo), label: 'point-in-time' });

/** Connections that take turns: three of Accounts, two of Ledger of which one asks, and two of Archive that are in no rotation yet. */
export function rotatingConnections(): ConnectionSnapshot[] {
  const slot = (number: number, setName: string, folder: string, change: Partial<ConnectionSnapshot> = {}) => {
    const from = `/srv/${setName.toLowerCase()}`;
    const to = `/replicas/${folder}`;
    const map = { kind: 'pairs', pairs: [{ from, to }] } as const;
    return connection(number, setName, number === 3 ? 'gamma' : 'beta', { map, roots: [{ from, to }], ...change });
  };
  const halt = {
    code: 'mass-change',
    path: '/srv/ledger',
    since: ago(340),
    cause: 'The folder /srv/ledger is empty: all of its 52,301 files are gone.',
    effect: 'Nothing is deleted in the replica until you answer.',
    nextStep: 'Look whether the disk is mounted.',
    answers: [{ id: 'wait', label: 'Wait for the files', effect: 'The source looks again every minute.' }],
  };
  return [
    slot(1, 'Accounts', 'accounts-noon'),
    slot(2, 'Accounts', 'accounts-midnight', parked('rotation', 'Rotation Day and night', rest(8100))),
    slot(3, 'Accounts', 'accounts-week', parked('rotation', 'Rotation Day and night', rest(260_000))),
    slot(4, 'Ledger', 'ledger-a', { replication: 'halted', halt, targetData: 'unknown' }),
    slot(5, 'Ledger', 'ledger-b', parked('rotation', 'Rotation Ledger', rest(90_000), false)),
    slot(6, 'Archive', 'archive-a'),
    slot(7, 'Archive', 'archive-b', { targetData: 'good' }),
  ];
}

export function storedRotations(): StoredRotation[] {
  const slot = (name: string, number: number, use: StoredRotation['slots'][number]['use'] = null) => ({
    ...{ name, connectionId: uuid(number), use },
  });
  const run = (hoursAgo: number, change: Partial<StoredRotation['runs'][number]>): StoredRotation['runs'][number] => ({
    dueAt: ago(hoursAgo * 3600),
    begunAt: ago(hoursAgo * 3600 - 1),
    endedAt: ago(hoursAgo * 3600 - 94),
    from: 'midnight',
    to: 'noon',
    outcome: 'done',
    why: '',
    cut: rest(hoursAgo * 3600 - 90),
    isComplete: true,
    levelCut: null,
    isSameCut: null,
    sentBytes: 734_003_200,
    skippedBytes: 47_500_000_000,
    ...change,
  });
  const none = { from: 'noon', to: 'midnight', cut: null, sentBytes: null, skippedBytes: null, isComplete: false, begunAt: null };
  const rotation = (number: number, name: string, change: Partial<StoredRotation>): StoredRotation => ({
    id: uuid(800 + number),
    name,
    slots: [],
    live: null,
    schedule: [],
    order: 'safe',
    mirror: { kind: 'checksum' },
    missed: { policy: 'run-late', withinMinutes: 720 },
    isEnabled: true,
    // Ahead of the clock, yet not so far that it seems set back: none of its starts is due while a test runs.
    decidedUntil: ago(-3000),
    skip: null,
    running: null,
    runs: [],
    ...change,
  });
  const every = (at: string, to: string) => ({
    slot: to,
    time: { kind: 'clock', at, days: [] } as const,
    timeZone: 'Europe/Berlin',
  });
  return [
    rotation(1, 'Day and night', {
      slots: [slot('noon', 1), slot('midnight', 2), slot('week', 3, { owner: 'eva', reason: 'tape', since: ago(1870) })],
      live: 'noon',
      schedule: [
        every('12:00', 'noon'),
        every('00:00', 'midnight'),
        {
          ...{ slot: 'week', timeZone: null, time: { kind: 'clock', at: '06:30', days: ['sat', 'sun'] } as const },
        },
      ],
      runs: [
        run(2, {}),
        run(14, { ...none, outcome: 'missed', why: 'It was due 13 h ago, while nothing could run here.' }),
        run(26, { ...none, outcome: 'skipped', why: '“midnight” is in use by eva: tape.' }),
        run(38, { dueAt: null, from: 'noon', to: 'midnight', outcome: 'failed', why: 'The disk of “midnight” is full.' }),
      ],
    }),
    rotation(2, 'Ledger', { slots: [slot('A', 4), slot('B', 5)], live: 'A', order: 'quick', isEnabled: false }),
  ];
}
