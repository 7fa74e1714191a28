import {
  MOST_SAMPLED,
  overwritePolicies,
  type OverwritePolicy,
  type RestoreReport,
  type ServiceCaller,
} from '../../api/index.ts';
import type { ArgumentReader } from '../arguments.ts';
import type { CommandDefinition, Outcome, Run } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { showRestore, showRestoreReport, showRestoreStatus } from '../restore-text.ts';
import { beginDrill, beginRestore, planEntries, waitForRestore } from '../restores.ts';
import { showPlan, showPlanEntry } from '../plan-text.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { Argument } from '../tree.ts';
import { textValue } from '../values.ts';

const DEFAULT_FILES = 20;
const where = '<what> from <server> to <server>';
const options = '[only <path> …] [base <folder>] [overwrite never|older|different|always] [checksum] [owners]';
const words = ['from', 'to', 'only', 'base', 'overwrite', ...overwritePolicies, 'checksum', 'owners'];

const restore: CommandDefinition = {
  name: 'restore',
  syntax: `${where} ${options}`,
  about:
    'Sends what a target holds back to the server that it came from, or to another one: a replica by its set or id, or a folder of the target by its path. Everything, or with ' +
    '"only" some files and folders by their paths on the source; where they were, or below a base folder. The replica stands still meanwhile. Existing files are replaced when they ' +
    'are different, or as "overwrite" says; nothing is deleted. Afterwards every byte is compared. "owners" gives owners by name. Returns when it has begun; an assignment takes its id.',
  example: '$restore = restore accounts from beta to alpha only /data/ledger overwrite older;',
  words,
  bind(reader) {
    const order = readOrder(reader);
    reader.end();
    return async (run) => {
      const begun = await beginRestore(run.session.host, { ...order(run), plan: false });
      run.print(`Restore begun: ${begun.id}, ${begun.name} to ${begun.targetName}.`);
      for (const warning of begun.warnings) run.print(`  Note: ${warning}`);
      return { result: 1, value: textValue(begun.id), data: begun };
    };
  },
};

const plan: CommandDefinition = {
  name: 'restore plan',
  syntax: `${where} ${options} [keep]`,
  about:
    'Finds out what such a restore would create, update, keep and leave, with bytes and reasons, and does none of it. With "keep" it waits for: restore go.',
  example: 'restore plan accounts from beta to alpha overwrite never;',
  words: [...words, 'keep'],
  bind(reader) {
    const order = readOrder(reader);
    const isKept = reader.takeWord('keep') !== null;
    reader.end();
    return async (run): Promise<Outcome> => {
      const wanted = order(run);
      const { id } = await beginRestore(run.session.host, { ...wanted, plan: true });
      const holder = run.session.host.calls(wanted.holder);
      const { restore: planned } = await wait(run, holder, id, null, ({ state }) => state === 'planned');
      if (planned.plan === null) throw new ScriptFailure(-126, `The plan failed: ${showRestoreStatus(planned)}`);
      showPlan(planned.plan).forEach(run.print);
      for (const warning of planned.warnings) run.print(`Note: ${warning}`);
      for await (const entry of planEntries(holder, planned)) run.print(showPlanEntry(entry));
      if (isKept) run.print(`It waits: restore go ${id} on ${wanted.holder}`);
      else await holder.call('restore.cancel', { restoreId: id });
      return { result: 1, value: textValue(id), data: planned.plan };
    };
  },
};

const drill: CommandDefinition = {
  name: 'restore drill',
  syntax: `${where} base <folder> [files <n>] [seed <text>] [source <server>] [owners]`,
  about:
    'Restores a random sample of files into a new folder below the base, compares every byte, and holds the contents against the newest certificate of the replica and, with "source", ' +
    'against the files of its source. The same seed draws the same files again. Returns when it has begun; an assignment takes its id.',
  example: '$drill = restore drill accounts from beta to gamma base /scratch files 50 source alpha;',
  words: ['from', 'to', 'base', 'files', 'seed', 'source', 'owners'],
  bind(reader) {
    const { what, holder, receiver } = readWhere(reader);
    reader.expectWord('base');
    const folder = reader.operand('the folder');
    const files = readOption(reader, 'files');
    const seed = readOption(reader, 'seed');
    const source = readOption(reader, 'source');
    const byName = reader.takeWord('owners') !== null;
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const { host } = session;
      const begun = await beginDrill(host, {
        ...{ what: session.text(what), holder: serverOf(run, holder), receiver: serverOf(run, receiver) },
        ...{ folder: session.text(folder), owners: byName ? 'name' : 'number' },
        files: files === null ? DEFAULT_FILES : integerIn(session, files, 1, MOST_SAMPLED, 'files'),
        seed: seed === null ? null : session.text(seed, 100),
        source: source === null ? null : host.calls(serverOf(run, source)),
      });
      print(`Drill begun: ${begun.id}, ${begun.choice.paths.length} files of ${begun.name} to ${begun.targetName}.`);
      return { result: 1, value: textValue(begun.id), data: begun };
    };
  },
};

function byId(verb: 'go' | 'cancel', about: string, past: string): CommandDefinition {
  return {
    name: `restore ${verb}`,
    syntax: '<id> on <server>',
    about,
    example: `restore ${verb} $restore on beta;`,
    words: ['on'],
    bind(reader) {
      const id = reader.operand('the restore');
      const server = readServer(reader);
      reader.end();
      return async (run) => {
        const restoreId = run.session.text(id, 50);
        const data = await callsOf(run, server).call(`restore.${verb}`, { restoreId });
        run.print(`${past}: ${data.id}.`);
        return { result: 1, data };
      };
    },
  };
}

const status: CommandDefinition = {
  name: 'restore status',
  syntax: '[<id>] on <server> [json]',
  about:
    'The restores and drills of a target, those that run and the reports of those that are over, newest first; or all of one, as text or as one line of JSON.',
  example: 'restore status $restore on beta json;',
  words: ['on', 'json'],
  bind(reader) {
    const id = reader.isWord('on') ? null : reader.operand('the restore');
    const server = readServer(reader);
    const isJson = reader.takeWord('json') !== null;
    reader.end();
    return async (run): Promise<Outcome> => {
      const calls = callsOf(run, server);
      if (id === null) {
        const restores = await calls.call('restore.list', null);
        if (isJson) run.print(JSON.stringify(restores));
        else restores.map(showRestore).forEach(run.print);
        if (restores.length === 0 && !isJson) run.print('Nothing was restored.');
        return { result: 1, data: restores };
      }
      const report = await calls.call('restore.get', { restoreId: run.session.text(id, 50) });
      if (isJson) run.print(JSON.stringify(report));
      else showRestoreReport(report).forEach(run.print);
      return { result: 1, data: report };
    };
  },
};

const waitOn: CommandDefinition = {
  name: 'wait on restore',
  syntax: '<id> on <server> [for <seconds>]',
  about: 'Waits until a restore or drill is over; fails with -126 when it did not restore everything, or a drill failed.',
  example: 'wait on restore $restore on beta for 3600;',
  words: ['on', 'for'],
  bind(reader) {
    const id = reader.operand('the restore');
    const server = readServer(reader);
    const seconds = readOption(reader, 'for');
    reader.end();
    return async (run): Promise<Outcome> => {
      const { session, print } = run;
      const limitMs = seconds === null ? null : integerIn(session, seconds, 0, 604_800, 'seconds') * 1000;
      const { restore: ended } = await wait(run, callsOf(run, server), session.text(id, 50), limitMs, () => false);
      const { result } = ended;
      if (result?.outcome !== 'restored' || result.drill?.isPassed === false)
        throw new ScriptFailure(-126, `The ${ended.kind} ${ended.id}: ${showRestoreStatus(ended)}`);
      print(`Over: ${showRestore(ended)}`);
      return { result: 1, data: ended };
    };
  },
};

function wait(
  { session, signal }: Run,
  holder: ServiceCaller,
  id: string,
  limitMs: number | null,
  isThere: Parameters<typeof waitForRestore>[2],
): Promise<RestoreReport> {
  return waitForRestore({ holder, clock: session.host.clock, signal }, id, isThere, limitMs);
}

/** All but the words that only one command has, which follow it. */
function readOrder(reader: ArgumentReader) {
  const { what, holder, receiver } = readWhere(reader);
  const paths: Argument[] = [];
  if (reader.takeWord('only') !== null)
    do paths.push(reader.operand('a path'));
    while (!reader.isAtEnd && !['base', 'overwrite', 'checksum', 'owners', 'keep'].some((word) => reader.isWord(word)));
  const base = readOption(reader, 'base');
  const overwrite: OverwritePolicy =
    reader.takeWord('overwrite') === null ? 'different' : reader.expectWord(...overwritePolicies);
  const checksum = reader.takeWord('checksum') !== null;
  const owners = reader.takeWord('owners') !== null ? ('name' as const) : ('number' as const);
  return (run: Run) => {
    const { session } = run;
    return {
      ...{ what: session.text(what), holder: serverOf(run, holder), receiver: serverOf(run, receiver) },
      paths: paths.map((path) => session.text(path)),
      folder: base === null ? null : session.text(base),
      ...{ overwrite, checksum, owners },
    };
  };
}

function readWhere(reader: ArgumentReader) {
  const what = reader.operand('the set, the id of a replica, or a folder');
  reader.expectWord('from');
  const holder = reader.operand('the server that holds it');
  reader.expectWord('to');
  return { what, holder, receiver: reader.operand('the server that receives it') };
}

function readServer(reader: ArgumentReader): Argument {
  reader.expectWord('on');
  return reader.operand('the server');
}

function readOption(reader: ArgumentReader, word: string): Argument | null {
  return reader.takeWord(word) === null ? null : reader.operand(`the value of "${word}"`);
}

function serverOf({ session }: Run, server: Argument): string {
  return session.host.resolve(session.text(server));
}

function callsOf(run: Run, server: Argument): ServiceCaller {
  return run.session.host.calls(serverOf(run, server));
}

/** What brings data back from a target, and tries whether it would. */
export const restoreCommands: readonly CommandDefinition[] = [
  restore,
  plan,
  drill,
  byId('go', 'Carries out a restore that was planned and kept.', 'Goes on'),
  byId('cancel', 'Ends a restore or drill; what is restored already stays.', 'Cancelled'),
  status,
  waitOn,
];
