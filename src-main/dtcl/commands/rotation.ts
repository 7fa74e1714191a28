import { connectionOf } from '../connections.ts';
import type { CommandDefinition } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { onRotation, rotationOf } from '../rotations.ts';
import { showPlanned, showRotation, showRotationFull, showRun } from '../rotation-text.ts';
import { rotationTimeCommands } from './rotation-times.ts';
import { rotationSwitchCommands } from './rotation-switch.ts';

const create: CommandDefinition = {
  name: 'rotation create',
  syntax: '<rotation>',
  about: 'Makes a rotation on the source: without slots and times, in the safe order, with a mirror of "different, checksum".',
  example: 'rotation create noon;',
  bind: (reader) =>
    onRotation(reader, async (name, calls, print) => {
      const made = await calls.call('rotation.create', { name });
      print(`Rotation created: ${made.name}.`);
      return made;
    }),
};

const addSlot: CommandDefinition = {
  name: 'rotation slot add',
  syntax: '<rotation> <slot> connection <connection>',
  about:
    'Adds a slot: a connection of the same set and rules as the other slots, to a place of its own, on the same target or another one. One ' +
    'slot follows the source; a second one goes to rest as soon as its mirror has ended.',
  example: 'rotation slot add noon A connection $id;',
  words: ['connection'],
  bind(reader) {
    const [which, slot] = [reader.operand('the rotation'), reader.operand('the name of the slot')];
    reader.expectWord('connection');
    const connection = reader.operand('the connection');
    reader.end();
    return async ({ session, print }) => {
      const { id: connectionId } = await connectionOf(session, connection);
      const input = { rotation: session.text(which, 100), slot: session.text(slot, 100), connectionId };
      const after = await session.sourceCalls().call('rotation.add-slot', input);
      print(showRotation(after));
      return { result: 1, data: after };
    };
  },
};

const removeSlot: CommandDefinition = {
  name: 'rotation slot remove',
  syntax: '<rotation> <slot>',
  about: 'Takes a slot out of a rotation. Its connection and its replica stay as they are.',
  example: 'rotation slot remove noon A;',
  bind(reader) {
    const [which, slot] = [reader.operand('the rotation'), reader.operand('the slot')];
    reader.end();
    return async ({ session, print }) => {
      const input = { rotation: session.text(which, 100), slot: session.text(slot, 100) };
      const after = await session.sourceCalls().call('rotation.remove-slot', input);
      print(showRotation(after));
      return { result: 1, data: after };
    };
  },
};

const remove: CommandDefinition = {
  name: 'rotation delete',
  syntax: '<rotation>',
  about: 'Deletes a rotation. Its connections and replicas stay as they are.',
  example: 'rotation delete noon;',
  bind: (reader) =>
    onRotation(reader, async (rotation, calls, print) => {
      await calls.call('rotation.delete', { rotation });
      print(`Rotation deleted: ${rotation}. Its connections stay as they are.`);
      return { result: 1 };
    }),
};

const list: CommandDefinition = {
  name: 'rotation list',
  aliases: ['status rotation'],
  syntax: '',
  about:
    'The rotations of the source, a line each: the state of every slot, the next start, and the newest complete copy with its age.',
  example: 'rotation list;',
  bind(reader) {
    reader.end();
    return async ({ session, print }) => {
      const rotations = await session.sourceCalls().call('rotation.list', null);
      for (const rotation of rotations) print(showRotation(rotation));
      if (rotations.length === 0) print('There are no rotations.');
      return { result: 1, data: rotations };
    };
  },
};

const display: CommandDefinition = {
  name: 'rotation display',
  syntax: '<rotation> [runs <n>]',
  about:
    'Everything about a rotation: slots with cut, label and age of their copies, times, the switch that goes on, and the last runs (10).',
  example: 'rotation display noon;',
  words: ['runs'],
  bind(reader) {
    const which = reader.operand('the rotation');
    const count = reader.takeWord('runs') === null ? null : reader.operand('how many');
    reader.end();
    return async ({ session, print }) => {
      const most = count === null ? 10 : integerIn(session, count, 0, 100, 'runs');
      const rotation = await rotationOf(session, which);
      for (const line of showRotationFull(rotation)) print(line);
      for (const run of rotation.runs.slice(0, most)) print(`Run ${showRun(run)}`);
      return { result: 1, data: rotation };
    };
  },
};

const simulate: CommandDefinition = {
  name: 'rotation simulate',
  syntax: '<rotation> [<n>]',
  about: 'The next starts by the clock (10) and what each would do as things stand: the rotation in thought. Nothing is done.',
  example: 'rotation simulate noon 4;',
  bind(reader) {
    const which = reader.operand('the rotation');
    const count = reader.optionalOperand('how many');
    reader.end();
    return async ({ session, print }) => {
      const most = count === null ? 10 : integerIn(session, count, 1, 100, 'starts');
      const input = { rotation: session.text(which, 100), count: most };
      const planned = await session.sourceCalls().call('rotation.preview', input);
      for (const one of planned) print(showPlanned(one));
      if (planned.length === 0) print('Nothing is due by the clock.');
      return { result: 1, data: planned };
    };
  },
};

/** Replicas that take turns. */
export const rotationCommands: readonly CommandDefinition[] = [
  create,
  addSlot,
  removeSlot,
  ...rotationTimeCommands,
  ...rotationSwitchCommands,
  simulate,
  list,
  display,
  remove,
];
