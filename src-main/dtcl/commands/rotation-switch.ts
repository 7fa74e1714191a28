import type { RotationSnapshot } from '../../api/index.ts';
import type { CommandDefinition, Run } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { showRotation, showRun } from '../rotation-text.ts';
import { onRotation } from '../rotations.ts';
import { ScriptFailure } from '../script-failure.ts';

const pollMs = 200;

const run: CommandDefinition = {
  name: 'rotation run',
  syntax: '<rotation> [to <slot>] [nowait | for <seconds>]',
  about:
    'Switches now, to the next slot or to one that is named, whatever the schedule says; returns when the switch has ended, and fails when it ' +
    'failed. With "nowait" it returns at once; after "for" seconds it gives up waiting, while the switch goes on.',
  example: 'rotation run noon to B;',
  words: ['to', 'nowait', 'for'],
  bind(reader) {
    const which = reader.operand('the rotation');
    const to = reader.takeWord('to') === null ? null : reader.operand('the slot');
    const isWaiting = reader.takeWord('nowait') === null;
    const seconds = isWaiting && reader.takeWord('for') !== null ? reader.operand('the number of seconds') : null;
    reader.end();
    return async (given) => {
      const { session, print } = given;
      const forMs = seconds === null ? null : integerIn(session, seconds, 1, 604_800, 'seconds') * 1000;
      const slot = to === null ? null : session.text(to, 100);
      const begun = await session.sourceCalls().call('rotation.run-now', { rotation: session.text(which, 100), slot });
      print(`Switch begun: ${showRotation(begun)}`);
      const after = isWaiting ? await ended(given, begun, forMs) : begun;
      return { result: 1, data: after };
    };
  },
};

async function ended({ session, signal, print }: Run, begun: RotationSnapshot, forMs: number | null): Promise<RotationSnapshot> {
  const { clock } = session.host;
  const startedAt = clock.now().getTime();
  for (;;) {
    const rotations = await session.sourceCalls().call('rotation.list', null);
    const now = rotations.find(({ id }) => id === begun.id);
    if (now === undefined) throw new ScriptFailure(-127, `The rotation ${begun.name} was deleted meanwhile.`);
    const [last] = now.runs;
    if (now.running === null && last !== undefined) {
      print(showRun(last));
      if (last.outcome !== 'done') throw new ScriptFailure(-126, `The switch to ${last.to} ${last.outcome}. ${last.why}`);
      return now;
    }
    if (forMs !== null && clock.now().getTime() - startedAt >= forMs) {
      const problem = now.running?.problem ?? '';
      throw new ScriptFailure(-125, `The switch of ${now.name} has not ended; it goes on. ${problem}`.trim());
    }
    await clock.sleep(pollMs, signal);
  }
}

const skip: CommandDefinition = {
  name: 'rotation skip',
  syntax: '<rotation>',
  about: 'Leaves out the next start by the clock, and only that.',
  example: 'rotation skip noon;',
  bind: (reader) =>
    onRotation(reader, async (rotation, calls, print) => {
      const after = await calls.call('rotation.skip-next', { rotation });
      print(`Will be skipped: ${after.next?.local ?? ''}, ${after.name}.`);
      return after;
    }),
};

const use: CommandDefinition = {
  name: 'rotation use',
  syntax: '<rotation> <slot> [reason <text>]',
  about:
    'Marks a slot at rest as being read, by a backup for example: it is not switched in before "rotation release". Also over restarts.',
  example: 'rotation use noon B reason "tape";',
  words: ['reason'],
  bind(reader) {
    const [which, slot] = [reader.operand('the rotation'), reader.operand('the slot')];
    const why = reader.takeWord('reason') === null ? null : reader.operand('the reason');
    reader.end();
    return async ({ session, print }) => {
      const name = session.text(slot, 100);
      const reason = why === null ? 'requested by a script' : session.text(why, 500);
      const after = await session.sourceCalls().call('rotation.use', { rotation: session.text(which, 100), slot: name, reason });
      const copy = after.slots.find((one) => one.name.toLowerCase() === name.toLowerCase())?.copy ?? null;
      print(
        `In use: ${name} of ${after.name}, ${copy === null ? 'NOT a complete copy' : `complete as of ${copy.at}, ${copy.label}`}.`,
      );
      return { result: 1, data: after };
    };
  },
};

const release: CommandDefinition = {
  name: 'rotation release',
  syntax: '<rotation> <slot>',
  about: 'Ends what "rotation use" began: the slot may be switched in again.',
  example: 'rotation release noon B;',
  bind(reader) {
    const [which, slot] = [reader.operand('the rotation'), reader.operand('the slot')];
    reader.end();
    return async ({ session, print }) => {
      const input = { rotation: session.text(which, 100), slot: session.text(slot, 100) };
      const after = await session.sourceCalls().call('rotation.release', input);
      print(`Released: ${input.slot} of ${after.name}.`);
      return { result: 1, data: after };
    };
  },
};

/** What is done with a rotation by hand. */
export const rotationSwitchCommands: readonly CommandDefinition[] = [run, skip, use, release];
