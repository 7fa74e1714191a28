import type { ConnectionSnapshot } from '../../../src-main/api/index.ts';

/** One sentence for who is about to pause or park a replica of a set that has another one; '' where it has none. */
export function pauseAdvice(connection: ConnectionSnapshot, all: readonly ConnectionSnapshot[]): string {
  const others = all.filter((other) => other.setName === connection.setName && other.id !== connection.id);
  const live = others.find(isLive);
  if (live !== undefined)
    return `${connection.setName} also goes to ${placeOf(live, connection)}, which stays live: back up one at a time, so that the other always follows the source.`;
  const [resting] = others;
  return resting === undefined
    ? ''
    : `${connection.setName} also goes to ${placeOf(resting, connection)}, which does not follow the source now: let it go on first, so that one replica stays live.`;
}

function isLive({ replication, transmission }: ConnectionSnapshot): boolean {
  return replication === 'replicating' && (transmission.kind === 'active' || transmission.kind === 'waiting');
}

/** The other target, or the folder on the same one. */
function placeOf(other: ConnectionSnapshot, { targetFingerprint }: ConnectionSnapshot): string {
  if (other.targetFingerprint !== targetFingerprint) return other.targetName;
  return other.roots[0]?.to ?? other.targetName;
}
