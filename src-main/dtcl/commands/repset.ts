import type { ReplicationSet, SetRule } from '../../api/index.ts';
import { formatBytes } from '../../base/index.ts';
import type { ArgumentReader } from '../arguments.ts';
import { done, type CommandDefinition, type Outcome, type Run } from '../definitions.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import type { Argument } from '../tree.ts';

const mostLength = 100;

function setName(session: DtclSession, argument: Argument | null): string {
  if (argument !== null) return session.text(argument, mostLength);
  session.requireSource();
  if (session.currentSet !== null) return session.currentSet;
  throw new ScriptFailure(-111, 'No replication set is chosen. Name one in the command, or say: repset use <name>.');
}

/** A command about one set, named or current. */
function onSet(
  definition: Omit<CommandDefinition, 'bind' | 'syntax'> & { needsName: boolean },
  act: (run: Run, name: string) => Promise<Outcome>,
): CommandDefinition {
  const { needsName, ...rest } = definition;
  return {
    ...rest,
    syntax: needsName ? '<set>' : '[<set>]',
    bind(reader) {
      const named = needsName ? reader.operand("the set's name") : reader.optionalOperand("the set's name");
      reader.end();
      return (run) => act(run, setName(run.session, named));
    },
  };
}

const create = onSet(
  {
    name: 'repset create',
    needsName: true,
    about: 'Makes an empty set on the source; it becomes the current set.',
    example: 'repset create accounts;',
  },
  async ({ session, print }, name) => {
    const set = await session.sourceCalls().call('set.create', { name });
    session.currentSet = set.name;
    print(`Set ${set.name} created; it is not saved yet.`);
    return { result: 1, data: set };
  },
);

const use = onSet(
  {
    name: 'repset use',
    needsName: true,
    about: 'Makes a set the current one for commands that do not name one.',
    example: 'repset use accounts;',
  },
  async ({ session, print }, name) => {
    session.currentSet = null;
    const set = await session.sourceCalls().call('set.get', { name });
    session.currentSet = set.name;
    print(`Set ${set.name} is the current one.`);
    return { result: 1, data: set };
  },
);

const save = onSet(
  {
    name: 'repset save',
    needsName: false,
    about: 'Keeps the rules for good; only a saved set can be connected.',
    example: 'repset save;',
  },
  async ({ session, print }, name) => {
    const set = await session.sourceCalls().call('set.save', { name });
    print(`Set ${set.name} saved.`);
    return { result: 1, data: set };
  },
);

const remove = onSet(
  { name: 'repset delete', needsName: true, about: 'Deletes a set that no connection uses.', example: 'repset delete accounts;' },
  async ({ session, print }, name) => {
    await session.sourceCalls().call('set.delete', { name });
    if (session.currentSet?.toLowerCase() === name.toLowerCase()) session.currentSet = null;
    print(`Set ${name} deleted.`);
    return done;
  },
);

const display = onSet(
  { name: 'repset display', needsName: false, about: 'Prints the rules of a set.', example: 'repset display accounts;' },
  async ({ session, print }, name) => {
    const set = await session.sourceCalls().call('set.get', { name });
    print(`${set.name}: ${stateOf(set)}`);
    for (const rule of set.rules) print(`  ${ruleText(rule)}`);
    if (set.rules.length === 0) print('  no rules');
    return { result: 1, data: set };
  },
);

const calculate = onSet(
  {
    name: 'repset calculate',
    needsName: false,
    about: 'Counts the data that the rules select.',
    example: 'repset calculate accounts;',
  },
  async ({ session, print }, name) => {
    const calls = session.sourceCalls();
    const { rules } = await calls.call('set.get', { name });
    const size = await calls.call('set.calculate', { rules });
    print(`${name}: ${size.files} files in ${size.folders} folders, ${size.bytes} bytes (${formatBytes(size.bytes)})`);
    return { result: 1, data: size };
  },
);

const list: CommandDefinition = {
  name: 'repset list',
  aliases: ['status repset'],
  syntax: '',
  about: 'Lists the sets of the source, whether they are connected, and whether they are saved.',
  example: 'repset list;',
  bind(reader) {
    reader.end();
    return async ({ session, print }) => {
      const sets = await session.sourceCalls().call('set.list', null);
      const width = Math.max(0, ...sets.map(({ name }) => name.length));
      for (const set of sets) print(`${set.name.padEnd(width)}   ${stateOf(set)}`);
      if (sets.length === 0) print(`${session.requireSource()} has no replication sets.`);
      return { result: 1, data: sets };
    };
  },
};

const addRule: CommandDefinition = {
  name: 'repset rule add',
  syntax: '<path> include|exclude [recurs|norecurs] [to <set>]',
  about:
    'Adds a rule to a set. A folder counts with all that is in it unless "norecurs" is said. The most specific rule decides.',
  example: 'repset rule add "c:\\accounts" include, recurs to accounts;',
  words: ['include', 'exclude', 'recurs', 'norecurs', 'to'],
  bind(reader) {
    const path = reader.operand('the path');
    const verdict = reader.expectWord('include', 'inc', 'exclude', 'exc').startsWith('inc') ? 'include' : 'exclude';
    const isRecursive = readRecursion(reader);
    const name = reader.takeWord('to') === null ? null : reader.operand("the set's name");
    reader.end();
    return async ({ session, print }) => {
      const rule: SetRule = { path: session.text(path), verdict, recursive: isRecursive };
      const set = await session.sourceCalls().call('set.add-rule', { name: setName(session, name), rule });
      print(`${set.name}: ${ruleText(rule)}; not saved yet.`);
      return { result: 1, data: set };
    };
  },
};

const removeRule: CommandDefinition = {
  name: 'repset rule remove',
  syntax: '<path> [from <set>]',
  about: 'Drops the rule for a path from a set.',
  example: 'repset rule remove "c:\\accounts\\old" from accounts;',
  words: ['from'],
  bind(reader) {
    const path = reader.operand('the path');
    const name = reader.takeWord('from') === null ? null : reader.operand("the set's name");
    reader.end();
    return async ({ session, print }) => {
      const dropped = session.text(path);
      const set = await session.sourceCalls().call('set.remove-rule', { name: setName(session, name), path: dropped });
      print(`${set.name}: the rule for ${dropped} is gone; not saved yet.`);
      return { result: 1, data: set };
    };
  },
};

function readRecursion(reader: ArgumentReader): boolean {
  const word = reader.takeWord('recurs', 'recursive', 'rec', 'norecurs', 'nonrecursive', 'nonrec');
  return word === null || word.startsWith('rec');
}

function ruleText(rule: SetRule): string {
  return `${rule.path} ${rule.verdict}, ${rule.recursive ? 'recurs' : 'norecurs'}`;
}

function stateOf(set: ReplicationSet): string {
  const uses = set.connectionIds.length;
  const connected = uses === 0 ? 'not connected' : uses === 1 ? 'connected' : `connected ${uses} times`;
  return `${connected}, ${set.saved ? 'saved' : 'not saved'}, ${set.rules.length} ${set.rules.length === 1 ? 'rule' : 'rules'}`;
}

/** What is replicated. */
export const repsetCommands: readonly CommandDefinition[] = [
  create,
  use,
  addRule,
  removeRule,
  save,
  list,
  display,
  calculate,
  remove,
];
