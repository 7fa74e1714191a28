import { ScriptFailure } from './script-failure.ts';
import type { DtclSession } from './session.ts';
import type { Argument } from './tree.ts';
import { asInteger } from './values.ts';

/** A whole number within bounds; else -122, or -101 for what is no number. */
export function integerIn(session: DtclSession, argument: Argument, least: number, most: number, unit: string): number {
  const value = asInteger(session.value(argument));
  if (value === null) throw new ScriptFailure(-101, `"${session.text(argument)}" is not a whole number of ${unit}.`);
  if (value < least || value > most) throw new ScriptFailure(-122, `${value} ${unit}: between ${least} and ${most} are allowed.`);
  return value;
}
