import type { ConnectionSnapshot, RotationSnapshot, SlotCopy, SlotSnapshot } from '../../api/index.ts';
import type { StoredRotation, StoredSlot } from './stored.ts';

type Looked = (slot: StoredSlot) => ConnectionSnapshot | null;

/** The slots as they stand. `problem`: what holds up the switch that goes on. */
export function showSlots(rotation: StoredRotation, look: Looked, problem: string, nowMs: number): readonly SlotSnapshot[] {
  return rotation.slots.map((slot) => {
    const connection = look(slot);
    return {
      name: slot.name,
      connectionId: slot.connectionId,
      number: connection?.number ?? null,
      targetName: connection?.targetName ?? null,
      places: connection?.roots.map(({ to }) => to) ?? [],
      ...standing(rotation, slot, connection, problem),
      copy: connection === null ? null : completeCopy(connection, nowMs),
      use: slot.use,
    };
  });
}

function standing(
  { running }: StoredRotation,
  { name, use }: StoredSlot,
  connection: ConnectionSnapshot | null,
  problem: string,
): Pick<SlotSnapshot, 'state' | 'why'> {
  if (connection === null)
    return { state: 'failed', why: 'Its connection has ended. Remove the slot, or add it with another one.' };
  const { halt, park } = connection;
  if (halt !== null) return { state: 'failed', why: `${halt.cause} ${halt.nextStep}` };
  if (use !== null) return { state: 'in-use', why: `${use.owner}: ${use.reason}` };
  if (running?.to === name) return problem === '' ? { state: 'coming', why: '' } : { state: 'failed', why: problem };
  return { state: park?.kind === 'parked' ? 'at-rest' : 'live', why: '' };
}

/** What the replica of a connection is worth as a copy now; null while it is none. */
export function completeCopy(connection: ConnectionSnapshot, nowMs: number): SlotCopy | null {
  const { park, replication, targetData, mirror, consistency } = connection;
  if (park?.kind === 'parked') {
    const { cut, isComplete } = park;
    if (cut === null || !isComplete) return null;
    return { at: cut.at, ageMs: Math.max(0, nowMs - Date.parse(cut.at)), label: cut.label, cut };
  }
  const isFollowing = replication === 'replicating' && targetData === 'good' && mirror.kind === 'idle';
  return isFollowing && connection.link.kind === 'up'
    ? { at: new Date(nowMs).toISOString(), ageMs: 0, label: consistency, cut: null }
    : null;
}

export function newestCopy(slots: readonly SlotSnapshot[]): RotationSnapshot['newest'] {
  return slots.reduce<RotationSnapshot['newest']>((best, { name, copy }) => {
    if (copy === null || (best !== null && best.at >= copy.at)) return best;
    return { slot: name, ...copy };
  }, null);
}
