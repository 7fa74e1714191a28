import type { ConnectionSnapshot } from '../../api/index.ts';
import { invariant } from '../../base/index.ts';
import { connectionsOf, onEach } from '../connections.ts';
import type { CommandDefinition, Run } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { ScriptFailure } from '../script-failure.ts';
import { nameOf } from '../show.ts';
import { showPark } from '../show-cut.ts';
import { waitUntil } from '../waiting.ts';

const limitSeconds = 600;

/** A connection leaves its target at a cut and stays away. */
export const parkCommand: CommandDefinition = {
  name: 'park',
  syntax: '<connection>|*|all [reason <text>] [nowait | for <seconds>]',
  about:
    'Brings a connection to a cut, as "transmission pause" does, and lets it leave its target there: the replica is at rest and does not ' +
    'change, nothing is captured or queued for it, also over restarts of both servers, until "reconnect" brings it back with a mirror of what ' +
    'differs. Returns when it is parked; gives up after "for" seconds (600), while the order stands. With "nowait" it returns at once.',
  example: 'park $id reason "rotation";',
  words: ['all', 'reason', 'nowait', 'for'],
  bind(reader) {
    const which = reader.operand('the connection');
    const why = reader.takeWord('reason') === null ? null : reader.operand('the reason');
    const isWaiting = reader.takeWord('nowait') === null;
    const seconds = isWaiting && reader.takeWord('for') !== null ? reader.operand('the number of seconds') : null;
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const forMs = (seconds === null ? limitSeconds : integerIn(session, seconds, 1, 86_400, 'seconds')) * 1000;
      const reason = why === null ? 'requested by a script' : session.text(why, 500);
      const connections = await connectionsOf(session, which);
      // All are asked first, so that their cuts lie as close together as they can.
      await onEach(run, connections, async (connection, calls) => {
        await calls.call('connection.park', { connectionId: connection.id, reason });
        if (!isWaiting) print(`To be parked: ${nameOf(connection)}. The target may still be writing.`);
      });
      const parked: Awaited<ReturnType<typeof awaitParked>>[] = [];
      if (isWaiting)
        await onEach(run, connections, async (connection) => void parked.push(await awaitParked(run, connection, forMs)));
      return { result: 1, data: { parked } };
    };
  },
};

async function awaitParked(run: Run, connection: ConnectionSnapshot, forMs: number) {
  const otherwise = 'The order stands and takes effect when it can; the replica is not yet at rest.';
  const snapshot = await waitUntil(run, connection, { forMs, goal: 'was not parked', otherwise }, ({ park }) => {
    if (park === null)
      throw new ScriptFailure(-126, `Somebody reconnected ${nameOf(connection)} while its parking was waited for.`);
    return park.kind === 'parked';
  });
  const { park, id, number } = snapshot;
  invariant(park?.kind === 'parked', 'the wait ends with a parked connection');
  run.print(`Parked: ${nameOf(snapshot)} ${showPark(park)}.`);
  return { connection: id, number, cut: park.cut, isComplete: park.isComplete };
}
