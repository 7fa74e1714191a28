import type { ConnectionSnapshot, Cut } from '../api/index.ts';
import type { ConnectionSpec } from '../engine/connection/index.ts';

/** Where a stored pause stands now, if that is not stored yet. Null: it does not stand, or stands where it did. */
export function newCutOf(hold: ConnectionSpec['hold'], transmission: ConnectionSnapshot['transmission'] | undefined): Cut | null {
  if (hold?.kind !== 'pause' || transmission?.kind !== 'paused') return null;
  const { cut } = transmission;
  // A pause whose replica was set back meanwhile stands at another cut than it did.
  return cut.sequence === hold.cut?.sequence && cut.at === hold.cut.at ? null : cut;
}
