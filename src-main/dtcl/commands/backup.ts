import type { ArgumentReader } from '../arguments.ts';
import { showBackup } from '../backup-text.ts';
import { beginBackup, endBackup, findView, type BackupServers } from '../backups.ts';
import type { CommandDefinition, Run } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { Argument } from '../tree.ts';

const defaultOwner = 'script';
const defaultMaxMinutes = 720;
const defaultWaitSeconds = 600;

const begin: CommandDefinition = {
  name: 'backup begin',
  syntax: '<name> [to <target>] [method pause|hold] [owner <text>] [reason <text>] [max <minutes>] [for <seconds>]',
  about:
    'Brings a replica to a state that may be read and keeps it there: a slot at rest is marked as in use, a live connection is paused at a cut, or with ' +
    '"method hold" held on its target, which needs a login there. The name is ROTATION/SLOT, a rotation (its newest complete slot at rest), ' +
    'a connection or a set. Returns when it may be read; -125 when that takes longer than "for". The same owner begins once.',
  example: 'backup begin accounts to beta owner nightly max 240;',
  words: ['to', 'method', 'owner', 'reason', 'max', 'for'],
  bind(reader) {
    const named = readName(reader);
    const isHold = reader.takeWord('method') !== null && readMethod(reader) === 'hold';
    const owner = readOption(reader, 'owner');
    const why = readOption(reader, 'reason');
    const max = readOption(reader, 'max');
    const seconds = readOption(reader, 'for');
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const maxMinutes = max === null ? defaultMaxMinutes : integerIn(session, max, 1, 525_600, 'minutes');
      const waitSeconds = seconds === null ? defaultWaitSeconds : integerIn(session, seconds, 0, 86_400, 'seconds');
      const { view } = await beginBackup(serversOf(run), {
        ...nameIn(run, named),
        method: isHold ? 'hold' : 'pause',
        owner: owner === null ? defaultOwner : session.text(owner, 200),
        reason: why === null ? 'requested by a script' : session.text(why, 500),
        maxMinutes,
        waitMs: waitSeconds * 1000,
      });
      const { kind, why: cause, nextStep } = view.verdict;
      if (kind !== 'go') throw new ScriptFailure(kind === 'wait' ? -125 : -126, `${view.name}: ${cause} ${nextStep}`);
      showBackup(view).forEach(print);
      return { result: 1, data: view };
    };
  },
};

const end: CommandDefinition = {
  name: 'backup end',
  syntax: '<name> [to <target>] [owner <text>]',
  about:
    'Ends the window of this owner: what it paused, held or used goes on. Without a window nothing happens. Fails with -126 when the replica ' +
    'went on during the window: what was read may be a mixture.',
  example: 'backup end accounts to beta owner nightly;',
  words: ['to', 'owner'],
  bind(reader) {
    const named = readName(reader);
    const owner = readOption(reader, 'owner');
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const request = { ...nameIn(run, named), owner: owner === null ? defaultOwner : session.text(owner, 200) };
      const { view, ended } = await endBackup(serversOf(run), request);
      print(ended === null ? `No window was open: ${view.name}.` : `Given back: ${view.name}.`);
      if (ended?.state === 'broken')
        throw new ScriptFailure(-126, `${view.name} changed while it was read: ${ended.why}. What was read may be a mixture.`);
      return { result: 1, data: ended };
    };
  },
};

const status: CommandDefinition = {
  name: 'backup status',
  syntax: '<name> [to <target>]',
  about:
    'What is true now: whether it may be read, by whose window, since when, its cut, and the age of the newest complete copy.',
  example: 'backup status accounts;',
  words: ['to'],
  bind(reader) {
    const named = readName(reader);
    reader.end();
    return async (run) => {
      const view = await findView(serversOf(run), nameIn(run, named));
      showBackup(view).forEach(run.print);
      return { result: 1, data: view };
    };
  },
};

interface Named {
  readonly name: Argument;
  readonly target: Argument | null;
}

function readName(reader: ArgumentReader): Named {
  return { name: reader.operand('the slot, rotation, connection or set'), target: readOption(reader, 'to') };
}

function nameIn({ session }: Run, { name, target }: Named) {
  const given = target === null ? null : session.text(target, 100);
  const { host } = session;
  // By its fingerprint the source knows the target whatever people call it here.
  const isKnown = given !== null && host.serverNames().some((known) => known.toLowerCase() === given.toLowerCase());
  return { name: session.text(name, 201), target: given !== null && isKnown ? host.fingerprintOf(given) : given };
}

function readMethod(reader: ArgumentReader): 'pause' | 'hold' {
  if (reader.takeWord('hold') !== null) return 'hold';
  reader.expectWord('pause');
  return 'pause';
}

function readOption(reader: ArgumentReader, word: string): Argument | null {
  return reader.takeWord(word) === null ? null : reader.operand(`the value of "${word}"`);
}

function serversOf({ session, signal }: Run): BackupServers {
  const { host } = session;
  return {
    source: session.sourceCalls(),
    target: ({ targetFingerprint }) => {
      const name = host.serverNames().find((known) => host.fingerprintOf(known) === targetFingerprint);
      try {
        return Promise.resolve(name === undefined ? null : host.calls(name));
      } catch {
        return Promise.resolve(null); // not logged in there: what only the target knows is not looked at
      }
    },
    clock: host.clock,
    signal,
  };
}

/** Windows in which a backup program reads a replica. */
export const backupCommands: readonly CommandDefinition[] = [begin, end, status];
