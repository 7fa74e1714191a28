import type { LineSettingsChange, LineSnapshot } from '../api/index.ts';
import type { ArgumentReader } from './arguments.ts';
import { ScriptFailure } from './script-failure.ts';
import type { DtclSession } from './session.ts';
import type { Argument } from './tree.ts';

/** Reads `[to <target>]`; without it the chosen target is meant. */
export function readTo(reader: ArgumentReader): (session: DtclSession) => string {
  const named: Argument | null = reader.takeWord('to') === null ? null : reader.operand('the target');
  return (session) => {
    if (named !== null) return session.host.resolve(session.text(named));
    if (session.target !== null) return session.target;
    throw new ScriptFailure(-106, 'No target is chosen. Name it with "to <target>", or say: target <server>.');
  };
}

/** Changes what the source's connections to a target share. The target need not be connected yet. */
export function configureLine(session: DtclSession, target: string, settings: LineSettingsChange): Promise<LineSnapshot> {
  const targetFingerprint = session.host.fingerprintOf(target);
  return session.sourceCalls().call('line.configure', { targetFingerprint, settings });
}
