import type { ConnectionSnapshot } from '../../api/index.ts';
import { invariant } from '../../base/index.ts';
import type { ArgumentReader } from '../arguments.ts';
import { connectionsTo, onEach } from '../connections.ts';
import { done, type CommandDefinition, type Run } from '../definitions.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import { nameOf } from '../show.ts';
import { showCutWorth } from '../show-cut.ts';
import { integerIn } from '../ranges.ts';
import type { Argument } from '../tree.ts';
import { waitUntil } from '../waiting.ts';

const pauseLimitSeconds = 600;
const reason = 'requested by a script';

const pause: CommandDefinition = {
  name: 'transmission pause',
  syntax: '[<target>] [nowait | for <seconds>]',
  about:
    'Holds every connection of the source to a target, and returns only when the target has applied all that was sent before the cut: ' +
    'from then on the replica does not change and may be backed up. Gives up after "for" seconds (600); the hold stays requested. ' +
    'With "nowait" it returns at once, while the target may still be writing.',
  example: 'transmission pause beta;',
  words: ['nowait', 'for'],
  bind(reader) {
    const target = readTarget(reader);
    const isWaiting = reader.takeWord('nowait') === null;
    const seconds = isWaiting && reader.takeWord('for') !== null ? reader.operand('the number of seconds') : null;
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const forMs = (seconds === null ? pauseLimitSeconds : integerIn(session, seconds, 1, 86_400, 'seconds')) * 1000;
      const connections = await connectionsTo(session, targetName(session, target));
      // All are asked first, so that the cuts of several connections lie as close together as they can.
      await onEach(run, connections, async (connection, calls) => {
        await calls.call('transmission.pause', { connectionId: connection.id, reason });
        if (!isWaiting) print(`Pause requested: ${nameOf(connection)}. The target may still be writing.`);
      });
      const cuts: Awaited<ReturnType<typeof awaitCut>>[] = [];
      if (isWaiting) await onEach(run, connections, async (connection) => void cuts.push(await awaitCut(run, connection, forMs)));
      return { result: 1, data: { cuts } };
    };
  },
};

async function awaitCut(run: Run, connection: ConnectionSnapshot, forMs: number) {
  const otherwise = 'The pause stays requested and takes effect when it can; the replica is not yet safe to back up.';
  const paused = await waitUntil(run, connection, { forMs, goal: 'did not reach its cut', otherwise }, (snapshot) => {
    const { kind } = snapshot.transmission;
    if (kind !== 'active' && kind !== 'scheduled') return kind === 'paused';
    throw new ScriptFailure(-126, `The pause of ${nameOf(snapshot)} was lifted by somebody else while it was waited for.`);
  });
  invariant(paused.transmission.kind === 'paused', 'the wait ends with a paused connection');
  const { cut } = paused.transmission;
  const { sequence, at, label, isFrozen = false } = cut;
  run.print(`Paused: ${nameOf(paused)} at operation ${sequence}, ${at}, ${showCutWorth(cut)}.`);
  const { freeze, isRequired } = paused.settings.hooks;
  if (freeze !== null && isRequired && !isFrozen) {
    throw new ScriptFailure(
      -126,
      `The application of ${nameOf(paused)} was not at rest when the cut was made: ${cut.why ?? 'nothing more is known'}. The pause stands; resume it and pause again.`,
    );
  }
  return { connection: paused.id, number: paused.number, sequence, at, label, isFrozen };
}

function simple(verb: 'resume' | 'stop' | 'start', about: string, past: string): CommandDefinition {
  return {
    name: `transmission ${verb}`,
    syntax: '[<target>]',
    about,
    example: `transmission ${verb} beta;`,
    bind(reader) {
      const target = readTarget(reader);
      reader.end();
      return async (run) => {
        const { session, print } = run;
        await onEach(run, await connectionsTo(session, targetName(session, target)), async ({ id: connectionId }, calls) => {
          const after =
            verb === 'stop'
              ? await calls.call('transmission.stop', { connectionId, reason })
              : await calls.call(`transmission.${verb}`, { connectionId });
          print(`Transmission ${past}: ${nameOf(after)}.`);
        });
        return done;
      };
    },
  };
}

function readTarget(reader: ArgumentReader): Argument | null {
  return reader.isAtEnd || reader.isWord('nowait') || reader.isWord('for') ? null : reader.operand('the target');
}

function targetName(session: DtclSession, argument: Argument | null): string {
  const { host } = session;
  if (argument !== null) return host.resolve(session.text(argument));
  if (session.target !== null) return session.target;
  throw new ScriptFailure(-106, 'No target is chosen. Name it in the command, or say: target <server>.');
}

/** What holds back and lets go of the data on its way to one target. */
export const transmissionCommands: readonly CommandDefinition[] = [
  pause,
  simple('resume', 'Lifts a pause; what waited in the queue is sent.', 'resumed'),
  simple('stop', 'Closes the links to a target; changes wait in the queue of the source.', 'stopped'),
  simple(
    'start',
    'Opens the links again that "transmission stop" closed, or lets go by hand what a schedule holds back; not outside its window.',
    'started',
  ),
];
