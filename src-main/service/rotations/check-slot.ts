import type { ConnectionSnapshot, MappedRoot, SetRule } from '../../api/index.ts';
import { ReplicationError } from '../../base/index.ts';
import type { StoredRotation } from './stored.ts';

/** A connection as a slot is judged by it. */
export interface SlotCandidate {
  readonly connection: Pick<ConnectionSnapshot, 'id' | 'number' | 'setName' | 'targetFingerprint' | 'targetName' | 'roots'>;
  readonly rules: readonly SetRule[];
}

/** Throws `slot-refused` for what cannot be a slot beside those that are there. */
export function checkSlot(
  all: readonly StoredRotation[],
  rotation: StoredRotation,
  slot: string,
  candidate: SlotCandidate,
  others: readonly SlotCandidate[],
): void {
  const refuse = (text: string) => new ReplicationError('slot-refused', { slot, rotation: rotation.name, text });
  if (rotation.slots.some(({ name }) => sameName(name, slot))) throw refuse('there is a slot of that name already');
  const { connection, rules } = candidate;
  const owner = all.find(({ slots }) => slots.some(({ connectionId }) => connectionId === connection.id));
  if (owner !== undefined) throw refuse(`connection ${connection.number} is a slot of “${owner.name}” already`);
  for (const other of others) {
    const { setName, number } = other.connection;
    if (!sameName(setName, connection.setName))
      throw refuse(`connection ${connection.number} sends “${connection.setName}”, and the other slots hold “${setName}”`);
    if (!sameRules(rules, other.rules) || !sameSources(connection.roots, other.connection.roots))
      throw refuse(
        `connections ${connection.number} and ${number} were made with different rules of “${setName}”; connect it anew`,
      );
    const shared = sharedPlace(connection, other.connection);
    if (shared !== null) throw refuse(`it would share ${shared} on ${connection.targetName} with connection ${number}`);
  }
}

export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function sameRules(one: readonly SetRule[], other: readonly SetRule[]): boolean {
  const key = (rules: readonly SetRule[]) =>
    rules.map(({ path, verdict, recursive }) => JSON.stringify([path, verdict, recursive])).sort();
  return JSON.stringify(key(one)) === JSON.stringify(key(other));
}

function sameSources(one: readonly MappedRoot[], other: readonly MappedRoot[]): boolean {
  const key = (roots: readonly MappedRoot[]) => JSON.stringify(roots.map(({ from }) => from).sort());
  return key(one) === key(other);
}

type Placed = Pick<SlotCandidate['connection'], 'targetFingerprint' | 'roots'>;

/** A folder that both would write into; null when they keep apart. A target refuses that too, when it is asked to admit the second one. */
function sharedPlace(one: Placed, other: Placed): string | null {
  if (one.targetFingerprint !== other.targetFingerprint) return null;
  for (const { to } of one.roots) if (other.roots.some((root) => isIn(to, root.to) || isIn(root.to, to))) return to;
  return null;
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`);
}
