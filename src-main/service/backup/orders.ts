import type { ConnectionId, ConnectionSnapshot, Cut, ReplicaSnapshot } from '../../api/index.ts';
import type { ConnectionCommand, Replicator } from '../../engine/connection/index.ts';
import type { Rotations } from '../rotations/index.ts';
import { holderOf, type StoredWindow } from './stored.ts';
import { isPausedBy, type Looked } from './window-state.ts';

/** What windows need of the rest of their service. */
export interface WindowParts {
  readonly connections: {
    readonly list: () => readonly ConnectionSnapshot[];
    readonly command: (connectionId: ConnectionId, command: ConnectionCommand) => Promise<unknown>;
    readonly keptCut: (connectionId: ConnectionId) => Cut | null;
    /** Whether it is stored, also while it could not be opened. */
    readonly has: (connectionId: ConnectionId) => boolean;
  };
  readonly replicas: {
    readonly list: () => readonly ReplicaSnapshot[];
    readonly hold: Replicator['hold'];
    /** Whether it is admitted, also while it could not be opened. */
    readonly has: (connectionId: ConnectionId) => boolean;
  };
  readonly rotations: Pick<Rotations, 'list' | 'use' | 'release'>;
  /** This server, as a target. */
  readonly self: () => { readonly name: string; readonly fingerprint: string };
}

export function lookAt({ connectionId, slot }: StoredWindow, { connections, replicas, rotations }: WindowParts): Looked {
  const connection = connections.list().find(({ id }) => id === connectionId) ?? null;
  const rotation = slot === null ? undefined : rotations.list().find(({ name }) => name === slot.rotation);
  return {
    connection,
    replica: replicas.list().find((replica) => replica.connectionId === connectionId) ?? null,
    use: rotation?.slots.find(({ name }) => name === slot?.name)?.use ?? null,
    keptCut: connection === null ? null : connections.keptCut(connectionId),
  };
}

/** Whether what a window was about has been given up for good: nothing is left that could be given back, and nobody could name it to end it. */
export function isGone({ connectionId, method }: StoredWindow, { connections, replicas }: WindowParts): boolean {
  return method === 'hold' ? !replicas.has(connectionId) : !connections.has(connectionId);
}

/** Orders that the replica stands still; what was ordered already is not ordered again, and what is another's stays his. */
export async function takeOrder(window: StoredWindow, { connection, replica, use }: Looked, parts: WindowParts): Promise<void> {
  const { connectionId, method, slot, reason } = window;
  const holder = holderOf(window);
  switch (method) {
    case 'rest':
      if (slot !== null && use === null && connection?.park?.kind === 'parked')
        await parts.rotations.use({ rotation: slot.rotation, slot: slot.name, reason }, holder);
      return;
    case 'pause':
      if (connection !== null && !connection.holds.some(({ by }) => by === 'operator'))
        await parts.connections.command(connectionId, { kind: 'pause-transmission', owner: holder, reason });
      return;
    case 'hold':
      if (replica?.hold === null)
        await parts.replicas.hold(connectionId, { owner: holder, reason, since: new Date().toISOString() });
  }
}

/** Takes back what `takeOrder` ordered, and only that. */
export async function giveBack(window: StoredWindow, parts: WindowParts): Promise<void> {
  const { connectionId, method, slot } = window;
  const { connection, replica, use } = lookAt(window, parts);
  const holder = holderOf(window);
  switch (method) {
    case 'rest':
      if (slot !== null && use?.owner === holder) await parts.rotations.release({ rotation: slot.rotation, slot: slot.name });
      return;
    case 'pause':
      if (connection !== null && isPausedBy(connection, holder))
        await parts.connections.command(connectionId, { kind: 'resume-transmission' });
      return;
    case 'hold':
      if (replica?.hold?.owner === holder) await parts.replicas.hold(connectionId, null);
  }
}
