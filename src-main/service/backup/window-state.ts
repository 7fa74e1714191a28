import type { ConnectionSnapshot, Cut, ReplicaSnapshot, SlotUse } from '../../api/index.ts';
import { holderOf, type StoredWindow } from './stored.ts';

/** What a window is about, as it is now. */
export interface Looked {
  /** Null: it has ended here. */
  readonly connection: ConnectionSnapshot | null;
  readonly replica: ReplicaSnapshot | null;
  readonly use: SlotUse | null;
  /** Where the pause of the connection stands, once that is on disk. */
  readonly keptCut: Cut | null;
}

/** The cut at which the replica stands for this window; null while it does not, or by somebody else's order. */
export function standsAt(window: StoredWindow, { connection, replica, use, keptCut }: Looked): Cut | null {
  const holder = holderOf(window);
  switch (window.method) {
    case 'rest':
      if (connection?.park?.kind !== 'parked' || (window.slot !== null && use?.owner !== holder)) return null;
      return connection.park.cut;
    case 'pause':
      return connection?.transmission.kind === 'paused' && isPausedBy(connection, holder) ? keptCut : null;
    case 'hold':
      return replica?.hold?.owner === holder && replica.hold.isEffective ? replica.cut : null;
  }
}

/** How it came that the replica went on after its cut; null when it stands there still. What is not known while a service starts breaks nothing. */
export function whyBroken(window: StoredWindow, looked: Looked): string | null {
  const { cut } = window;
  if (cut === null) return null;
  const { connection, replica, use } = looked;
  const now = standsAt(window, looked);
  if (now !== null && (now.sequence !== cut.sequence || now.at !== cut.at)) return 'the replica went on to another cut';
  const holder = holderOf(window);
  if (window.method === 'hold') {
    if (replica === null) return 'the target released the replica';
    return replica.hold?.owner === holder ? null : 'the hold was ended by somebody else';
  }
  if (connection === null) return 'the connection was ended';
  if (window.method === 'pause') {
    if (!isPausedBy(connection, holder)) return 'transmission was resumed by somebody else, or because the pause was too long';
    return connection.transmission.kind === 'pausing' ? 'the replica went on to another cut' : null;
  }
  if (connection.park === null) return 'the connection was reconnected';
  return window.slot !== null && use?.owner !== holder ? 'the slot was released by somebody else' : null;
}

export function isPausedBy({ holds }: ConnectionSnapshot, holder: string): boolean {
  return holds.some(({ by, kind, owner }) => by === 'operator' && kind === 'pause' && owner === holder);
}
