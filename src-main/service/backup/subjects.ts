import type { BackupName, ConnectionSnapshot, ReplicaSnapshot, RotationSnapshot, SlotSnapshot } from '../../api/index.ts';
import { ReplicationError } from '../../base/index.ts';

/** What a name means. */
export type Subject =
  | {
      readonly side: 'source';
      readonly name: string;
      readonly connection: ConnectionSnapshot;
      readonly slot: { readonly rotation: string; readonly snapshot: SlotSnapshot } | null;
    }
  | { readonly side: 'target'; readonly name: string; readonly replica: ReplicaSnapshot };

export interface Known {
  readonly connections: readonly ConnectionSnapshot[];
  readonly replicas: readonly ReplicaSnapshot[];
  readonly rotations: readonly RotationSnapshot[];
}

type Slot = NonNullable<Extract<Subject, { side: 'source' }>['slot']>;

/**
 * Finds what is meant. Of a rotation it is the slot in which `isWanted` says that a window of the caller is, or else the one at rest with the newest
 * complete copy. Throws `unknown-connection`, `unknown-slot`, `bad-input` for a name that could be several.
 */
export function findSubject(
  { side, name, target }: BackupName,
  known: Known,
  isWanted: (connectionId: string) => boolean,
): Subject {
  if (side === 'target') {
    const replica = known.replicas.find(({ connectionId }) => connectionId === name.toLowerCase());
    if (replica === undefined) throw new ReplicationError('unknown-connection', { connection: name });
    return replicaSubject(replica);
  }
  const slot = slotOf(name, known.rotations, isWanted);
  if (slot !== null) {
    const connection = known.connections.find(({ id }) => id === slot.snapshot.connectionId);
    if (connection === undefined) throw new ReplicationError('unknown-connection', { connection: slot.snapshot.connectionId });
    return { side, name: `${slot.rotation}/${slot.snapshot.name}`, connection, slot };
  }
  return connectionSubject(connectionOf(name, target, known.connections), known.rotations);
}

/** A replica at its target. */
export function replicaSubject(replica: ReplicaSnapshot): Subject {
  return { side: 'target', name: `${replica.setName} from ${replica.sourceName}`, replica };
}

/** A connection at its source; one that is a slot is known as both. */
export function connectionSubject(connection: ConnectionSnapshot, rotations: readonly RotationSnapshot[]): Subject {
  const name = `${connection.setName} to ${connection.targetName}`;
  return { side: 'source', name, connection, slot: findSlot(connection.id, rotations) };
}

function slotOf(name: string, rotations: readonly RotationSnapshot[], isWanted: (connectionId: string) => boolean): Slot | null {
  const wanted = name.toLowerCase();
  for (const rotation of rotations) {
    const own = rotation.name.toLowerCase();
    if (wanted === own) {
      const snapshot = newestOf(rotation, isWanted);
      if (snapshot === null) throw new ReplicationError('unknown-slot', { slot: name, rotation: rotation.name, known: '' });
      return { rotation: rotation.name, snapshot };
    }
    if (!wanted.startsWith(`${own}/`)) continue;
    const snapshot = rotation.slots.find((slot) => slot.name.toLowerCase() === wanted.slice(own.length + 1));
    if (snapshot !== undefined) return { rotation: rotation.name, snapshot };
    const slots = rotation.slots.map((slot) => slot.name).join(', ');
    throw new ReplicationError('unknown-slot', { slot: name.slice(own.length + 1), rotation: rotation.name, known: slots });
  }
  return null;
}

function newestOf({ slots }: RotationSnapshot, isWanted: (connectionId: string) => boolean): SlotSnapshot | null {
  const mine = slots.find(({ connectionId }) => isWanted(connectionId));
  if (mine !== undefined) return mine;
  const atRest = slots.filter(({ state, copy }) => (state === 'at-rest' || state === 'in-use') && copy !== null);
  const newest = atRest.reduce<SlotSnapshot | null>((best, slot) => {
    return best !== null && (best.copy?.at ?? '') >= (slot.copy?.at ?? '') ? best : slot;
  }, null);
  return newest ?? slots[0] ?? null;
}

function findSlot(connectionId: string, rotations: readonly RotationSnapshot[]): Slot | null {
  for (const rotation of rotations) {
    const snapshot = rotation.slots.find((slot) => slot.connectionId === connectionId);
    if (snapshot !== undefined) return { rotation: rotation.name, snapshot };
  }
  return null;
}

function connectionOf(name: string, target: string | null, connections: readonly ConnectionSnapshot[]): ConnectionSnapshot {
  const wanted = name.toLowerCase();
  const one = connections.find(({ number, id }) => String(number) === wanted || id === wanted);
  if (one !== undefined) return one;
  const ofSet = connections.filter(({ setName }) => setName.toLowerCase() === wanted);
  const found = target === null ? ofSet : ofSet.filter((connection) => namesOf(connection).includes(target.toLowerCase()));
  const [only] = found;
  if (only === undefined) {
    const hint = ofSet.length === 0 ? '' : `It goes to ${ofSet.map(({ targetName }) => targetName).join(', ')}.`;
    throw new ReplicationError('unknown-connection', { connection: name, set: name, target, hint });
  }
  if (found.length === 1) return only;
  const text = `“${name}” goes to several places: name the connection (${found.map(({ number, targetName }) => `${number} to ${targetName}`).join(', ')}), or the target`;
  throw new ReplicationError('bad-input', { text });
}

function namesOf({ targetName, targetAddress, targetFingerprint }: ConnectionSnapshot): readonly string[] {
  return [targetName, targetAddress, targetFingerprint].map((text) => text.toLowerCase());
}
