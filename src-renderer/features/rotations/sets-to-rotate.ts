import type { ConnectionSnapshot, RotationSnapshot } from '../../../src-main/api/index.ts';

/** Sets with two connections or more that are in no rotation, by name. */
export function setsToRotate(
  connections: readonly ConnectionSnapshot[],
  rotations: readonly RotationSnapshot[],
): readonly string[] {
  const taken = new Set(rotations.flatMap(({ slots }) => slots.map(({ connectionId }) => connectionId)));
  const free = connections.filter(({ id }) => !taken.has(id)).map(({ setName }) => setName);
  return [...new Set(free.filter((name, at) => free.indexOf(name) !== at))].sort((one, other) => one.localeCompare(other, 'en'));
}
