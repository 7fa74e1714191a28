import type { BackupWindow, ConnectionSnapshot, RotationSnapshot } from '../../api/index.ts';

/** Why the clock must not park a connection now, in a sentence; null when nothing stands against it. */
export function obstacleToPark(
  { id, park, mirror, replication, halt }: ConnectionSnapshot,
  windows: readonly Pick<BackupWindow, 'connectionId' | 'owner'>[],
  rotations: readonly Pick<RotationSnapshot, 'name' | 'slots'>[],
): string | null {
  const rotation = rotations.find(({ slots }) => slots.some(({ connectionId }) => connectionId === id));
  if (rotation !== undefined) return `It is a slot of the rotation “${rotation.name}”, which parks it at its own times.`;
  if (park !== null) return `It was parked by ${park.owner}.`;
  const window = windows.find(({ connectionId }) => connectionId === id);
  if (window !== undefined) return `A backup window of ${window.owner} is open.`;
  if (mirror.kind !== 'idle') return 'A mirror is not complete.';
  if (halt !== null) return `It waits for an answer: ${halt.cause}`;
  const isFollowing = replication === 'replicating' || replication === 'starting';
  return isFollowing ? null : 'It does not follow its source.';
}
