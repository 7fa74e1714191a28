import type { CallInput, RotationSnapshot, ServiceCaller } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { ArgumentReader } from './arguments.ts';
import type { Action, Outcome } from './definitions.ts';
import type { DtclSession } from './session.ts';
import type { Argument } from './tree.ts';

/** A rotation, and nothing else; then one call. */
export function onRotation(
  reader: ArgumentReader,
  act: (rotation: string, calls: ServiceCaller, print: (line: string) => void) => Promise<Outcome | RotationSnapshot>,
): Action {
  const which = reader.operand('the rotation');
  reader.end();
  return async ({ session, print }) => outcomeOf(await act(session.text(which, 100), session.sourceCalls(), print));
}

function outcomeOf(result: Outcome | RotationSnapshot): Outcome {
  return 'result' in result ? result : { result: 1, data: result };
}

/** One rotation of the source, by name or id. Throws `unknown-rotation`. */
export async function rotationOf(session: DtclSession, which: Argument): Promise<RotationSnapshot> {
  const wanted = session.text(which, 100);
  const rotations = await session.sourceCalls().call('rotation.list', null);
  const found = rotations.find(({ id, name }) => id === wanted.toLowerCase() || name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  const known = rotations.map(({ name }) => name).join(', ');
  throw new ReplicationError('unknown-rotation', { rotation: wanted, known });
}

/** Changes what is named; the rest stays. */
export function configureRotation(
  session: DtclSession,
  which: Argument,
  settings: CallInput<'rotation.configure'>['settings'],
): Promise<RotationSnapshot> {
  return session.sourceCalls().call('rotation.configure', { rotation: session.text(which, 100), settings });
}
