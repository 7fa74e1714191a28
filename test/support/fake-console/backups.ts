import type { CallInput, ConnectionSnapshot, Cut, ReplicaSnapshot } from '../../../src-main/api/index.ts';
import type { ConnectionCommand } from '../../../src-main/engine/connection/index.ts';
import type { BackupWindows } from '../../../src-main/service/backup/index.ts';
import { holderOf, type StoredWindow } from '../../../src-main/service/backup/stored.ts';
import type { Rotations } from '../../../src-main/service/rotations/index.ts';
import type { StoredRotation } from '../../../src-main/service/rotations/stored.ts';
import { rotationsInMemory } from '../fake-rotations.ts';
import { windowsInMemory } from '../fake-windows.ts';
import { storedRotations } from './rotations.ts';
import { ago, uuid } from './samples.ts';
import type { ServiceAt } from './service-calls.ts';

/** The owner of a window that a program began and has not ended. */
export const forgetful = 'restic@backup';
const tape = 'tape@backup';

interface Given {
  readonly connections: () => readonly ConnectionSnapshot[];
  readonly replicas: () => readonly ReplicaSnapshot[];
  readonly rotations: Rotations;
  readonly command: (connectionId: string, command: ConnectionCommand) => void;
  readonly hold: (connectionId: string, hold: { owner: string; reason: string; since: string } | null) => void;
  readonly onChange: (serverId: string) => void;
  /** Windows that are there from the beginning. */
  readonly isRead: boolean;
}

/** The real windows of alpha, as the source, and of beta, as the target, on toy connections and replicas. */
export function fakeBackups(given: Given): { readonly at: (serverId: string) => BackupWindows; readonly look: () => void } {
  const looks = new Set<() => void>();
  const clock = {
    now: () => Date.now(),
    every: (_ms: number, look: () => void) => {
      looks.add(look);
      return () => looks.delete(look);
    },
  };
  const command = (connectionId: string, ordered: ConnectionCommand) => {
    given.command(connectionId, ordered);
    return Promise.resolve();
  };
  const { connections, replicas, hold } = given;
  const server = (serverId: string, isSource: boolean) =>
    windowsInMemory({
      clock,
      hold,
      command,
      connections: isSource ? connections : () => [],
      replicas: isSource ? () => [] : replicas,
      // A target that is nothing else has none.
      rotations: isSource ? given.rotations : rotationsInMemory(() => [], command).rotations,
      initial: { windows: isSource && given.isRead ? storedWindows(connections()) : [] },
      onChange: () => given.onChange(serverId),
    });
  const [alpha, beta] = [server('alpha', true), server('beta', false)];
  return { at: (serverId) => (serverId === 'beta' ? beta : alpha), look: () => looks.forEach((look) => look()) };
}

/** Connections as these windows keep them: the second is a slot at rest, the sixth is paused. */
export function beingRead(connections: readonly ConnectionSnapshot[]): ConnectionSnapshot[] {
  const cut: Cut = { sequence: 20_988, at: ago(11_000), label: 'point-in-time' };
  const paused = { since: ago(11_000), owner: holderOf({ owner: forgetful }), reason: 'Nightly backup' };
  return connections.map((one) =>
    one.number === 6
      ? { ...one, transmission: { kind: 'paused', ...paused, cut }, holds: [{ by: 'operator', kind: 'pause', ...paused }] }
      : one,
  );
}

/** Rotations of which one slot is in use by a window. */
export function backedUpRotations(): StoredRotation[] {
  const use = { owner: holderOf({ owner: tape }), reason: 'Weekly tape', since: ago(1900) };
  return storedRotations().map((one) => ({
    ...one,
    slots: one.slots.map((slot) => (slot.name === 'midnight' ? { ...slot, use } : slot)),
  }));
}

function storedWindows(connections: readonly ConnectionSnapshot[]): StoredWindow[] {
  const of = (number: number) => connections.find((one) => one.number === number);
  const [slot, paused] = [of(2), of(6)];
  const facts = { connectionId: uuid(2), broken: null, isEnding: false };
  return [
    {
      ...{ ...facts, id: uuid(902), method: 'rest', slot: { rotation: 'Day and night', name: 'midnight' } },
      ...{ name: 'Day and night/midnight', owner: tape, reason: 'Weekly tape', begunAt: ago(1900), maxMinutes: 240 },
      cut: slot?.park?.kind === 'parked' ? slot.park.cut : null,
    },
    {
      ...{ ...facts, id: uuid(906), connectionId: uuid(6), method: 'pause', slot: null },
      ...{ name: 'Archive to beta', owner: forgetful, reason: 'Nightly backup', begunAt: ago(11_000), maxMinutes: 120 },
      cut: paused?.transmission.kind === 'paused' ? paused.transmission.cut : null,
    },
  ];
}

/** What alpha and beta answer of windows. */
export const backupCalls = {
  'backup.list': ({ world, serverId }: ServiceAt) => (isReal(serverId) ? world.backups.at(serverId).list() : []),
  'backup.views': ({ world, serverId }: ServiceAt) => (isReal(serverId) ? world.backups.at(serverId).views() : []),
  'backup.look': ({ world, serverId }: ServiceAt, input: CallInput<'backup.look'>) => world.backups.at(serverId).look(input),
  'backup.begin': ({ world, serverId }: ServiceAt, input: CallInput<'backup.begin'>) => world.backups.at(serverId).begin(input),
  'backup.end': ({ world, serverId }: ServiceAt, input: CallInput<'backup.end'>) => world.backups.at(serverId).end(input),
};

function isReal(serverId: string): boolean {
  return serverId === 'alpha' || serverId === 'beta';
}
