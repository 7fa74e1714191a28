import type { ConnectionSnapshot, Cut } from '../../api/index.ts';
import type { ConnectionSpec } from '../../engine/connection/index.ts';

type Transmission = ConnectionSnapshot['transmission'];

/** Where a stored pause stands now, if that is not stored yet. Null: it does not stand, or stands where it did. */
export function newCutOf(hold: ConnectionSpec['hold'], transmission: Transmission | undefined): Cut | null {
  if (hold?.kind !== 'pause' || transmission?.kind !== 'paused') return null;
  const { cut } = transmission;
  // A pause whose replica was set back meanwhile stands at another cut than it did.
  return cut.sequence === hold.cut?.sequence && cut.at === hold.cut.at ? null : cut;
}

/**
 * A pause is told to stand only when its cut is on disk: who reads the replica on that word must find it there after a restart, and a pause
 * without a stored cut seeks another one then.
 */
export function toldOf(hold: ConnectionSpec['hold'], transmission: Transmission): Transmission {
  if (transmission.kind !== 'paused' || newCutOf(hold, transmission) === null) return transmission;
  const { since, owner, reason } = transmission;
  return { kind: 'pausing', since, owner, reason };
}
