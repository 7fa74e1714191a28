import type { ConnectionSnapshot, VerifyDifference, VerifyOptions, VerifyReport } from '../../api/index.ts';
import type { ArgumentReader } from '../arguments.ts';
import { bindEach, connectionOf, connectionsOf, onEach } from '../connections.ts';
import { done, type CommandDefinition, type Outcome, type Run } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { ScriptFailure } from '../script-failure.ts';
import { nameOf } from '../show.ts';
import type { Argument } from '../tree.ts';
import { integerValue } from '../values.ts';
import { showDifference, showReportEnd, showReportHead, showVerifyOptions, showVerifySummary } from '../verify-text.ts';
import { waitUntil } from '../waiting.ts';

const PAGE = 1000;
const optionsSyntax = '[mirror [newer]] [checksum] [orphans]';
const minutesOf = { minutes: 1, hours: 60, days: 1440 } as const;

const verify: CommandDefinition = {
  name: 'verify',
  syntax: `<connection> ${optionsSyntax} | <connection> schedule every <n> minutes|hours|days ${optionsSyntax} | <connection> schedule off`,
  about:
    'Compares both sides and keeps a report: date, size and attributes, or with "checksum" every byte; with "orphans" also what only ' +
    'the target has. "mirror" sends again what differs, "mirror newer" only what is newer on the source. Returns when it has begun; to ' +
    'wait for its end use: wait on verify. With "schedule" it is repeated.',
  example: 'verify $id checksum;',
  words: ['mirror', 'newer', 'checksum', 'orphans', 'schedule', 'every', 'off', 'minutes', 'hours', 'days'],
  bind(reader) {
    const which = reader.operand('the connection');
    if (reader.takeWord('schedule') !== null) return bindSchedule(reader, which);
    const options = readOptions(reader);
    reader.end();
    return async (run) => {
      const { session, print } = run;
      await onEach(run, await connectionsOf(session, which), async (connection, calls) => {
        session.verifiesBefore.set(connection.id, connection.verify.last?.id ?? null);
        await calls.call('verify.start', { connectionId: connection.id, options });
        print(`Verification started (${showVerifyOptions(options)}): ${nameOf(connection)}.`);
      });
      return done;
    };
  },
};

function bindSchedule(reader: ArgumentReader, which: Argument) {
  if (reader.takeWord('off') !== null) {
    reader.end();
    return schedule(which, () => ({ everyMinutes: null }), 'off');
  }
  reader.expectWord('every');
  const count = reader.operand('the number of minutes, hours or days');
  const unit = reader.expectWord('minutes', 'hours', 'days');
  const options = readOptions(reader);
  reader.end();
  const most = Math.floor(525_600 / minutesOf[unit]);
  const change = (run: Run) => ({ everyMinutes: integerIn(run.session, count, 1, most, unit) * minutesOf[unit], ...options });
  return schedule(which, change, showVerifyOptions(options));
}

function schedule(
  which: Argument,
  change: (run: Run) => { readonly everyMinutes: number | null } & Partial<VerifyOptions>,
  how: string,
) {
  return async (run: Run): Promise<Outcome> => {
    const settings = { verify: change(run) };
    await onEach(run, await connectionsOf(run.session, which), async (connection, calls) => {
      await calls.call('connection.configure', { connectionId: connection.id, settings });
      run.print(`Scheduled verification (${how}): ${nameOf(connection)}.`);
    });
    return done;
  };
}

function readOptions(reader: ArgumentReader): VerifyOptions {
  const said = new Set<string>();
  for (;;) {
    const { at } = reader;
    const word = reader.takeWord('mirror', 'newer', 'checksum', 'orphans');
    if (word === null) break;
    if (word === 'newer' && !said.has('mirror')) throw reader.refusal('"newer" follows "mirror": it says what is sent again', at);
    said.add(word);
  }
  return {
    bytes: said.has('checksum'),
    repair: said.has('newer') ? 'newer' : said.has('mirror') ? 'all' : 'none',
    orphans: said.has('orphans'),
  };
}

const stop: CommandDefinition = {
  name: 'verify stop',
  syntax: '<connection>',
  about: 'Ends a running verification; its report holds what was found so far.',
  example: 'verify stop $id;',
  bind: (reader) =>
    bindEach(reader, async ({ print }, connection, calls) => {
      await calls.call('verify.stop', { connectionId: connection.id });
      print(`Verification stopped: ${nameOf(connection)}.`);
    }),
};

const list: CommandDefinition = {
  name: 'verify list',
  syntax: '[<connection>]',
  about: 'The reports that the source keeps, newest first; of all connections, also of those that have ended, or of one.',
  example: 'verify list $id;',
  bind(reader) {
    const which = reader.optionalOperand('the connection');
    reader.end();
    return async ({ session, print }) => {
      const connection = which === null ? null : await connectionOf(session, which);
      const reports = await session.sourceCalls().call('verify.list', { connectionId: connection?.id ?? null });
      for (const report of reports)
        print(`${report.id}  ${report.setName} to ${report.targetName}  ${showVerifySummary(report)}  sha256 ${report.sha256}`);
      if (reports.length === 0) print('There are no verification reports.');
      return { result: 1, data: reports };
    };
  },
};

const show: CommandDefinition = {
  name: 'verify show',
  syntax: '<connection> [<report>] [json]',
  about: 'Prints a report, the newest unless another one is named, as text or as one line of JSON; checks its hash.',
  example: 'verify show $id json;',
  words: ['json'],
  bind(reader) {
    const which = reader.operand('the connection');
    const report = reader.isAtEnd || reader.isWord('json') ? null : reader.operand('the report');
    const isJson = reader.takeWord('json') !== null;
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const connection = await connectionOf(session, which);
      const reportId = report === null ? null : session.text(report, 50);
      const { first, differences } = await wholeReport(run, connection, reportId, isJson);
      const { summary, isIntact, listed } = first;
      if (isJson) print(JSON.stringify({ ...summary, isIntact, listed: differences }));
      else for (const line of showReportEnd(summary, listed, isIntact)) print(line);
      if (!isIntact) throw new ScriptFailure(-1, `The report ${summary.id} is not as it was written: its hash does not fit.`);
      return { result: 1, data: summary };
    };
  },
};

/** Reads all pages. As text they are printed while they come, so that a long report needs no memory. */
async function wholeReport(run: Run, { id: connectionId }: ConnectionSnapshot, reportId: string | null, isKept: boolean) {
  const calls = run.session.sourceCalls();
  const differences: VerifyDifference[] = [];
  let first: VerifyReport | null = null;
  for (let offset = 0; first === null || offset < first.listed; offset += PAGE) {
    run.signal.throwIfAborted();
    // The pages after the first are of the same report, also if a newer one appears meanwhile.
    const page: VerifyReport = await calls.call('verify.report', {
      connectionId,
      reportId: first?.summary.id ?? reportId,
      offset,
      limit: PAGE,
    });
    if (first === null && !isKept) for (const line of showReportHead(page.summary)) run.print(line);
    first ??= page;
    if (isKept) differences.push(...page.differences);
    else for (const difference of page.differences) for (const line of showDifference(difference)) run.print(line);
  }
  return { first, differences };
}

const waitOnVerify: CommandDefinition = {
  name: 'wait on verify',
  syntax: '<connection> [for <seconds>]',
  about: 'Waits until a verification is over. An assignment takes the number of differences.',
  example: '$differences = wait on verify $id for 3600;',
  words: ['for'],
  bind(reader) {
    const which = reader.operand('the connection');
    const seconds = reader.takeWord('for') === null ? null : reader.operand('the number of seconds');
    reader.end();
    return async (run): Promise<Outcome> => {
      const { session, print } = run;
      const forMs = seconds === null ? null : integerIn(session, seconds, 0, 604_800, 'seconds') * 1000;
      const connection = await connectionOf(session, which);
      const before = session.verifiesBefore.get(connection.id);
      const options = { forMs, goal: 'did not end its verification', otherwise: 'The verification goes on.' };
      const over = await waitUntil(run, connection, options, ({ verify: { run: running, last } }, waitedMs) => {
        if (running !== null) return false;
        if (before === undefined || (last !== null && last.id !== before)) return true;
        if (waitedMs < 15_000) return false; // it was just asked for, or its report is being written
        throw new ScriptFailure(-120, `The verification of ${nameOf(connection)} ended without a report.`);
      });
      const { last } = over.verify;
      if (last === null)
        throw new ScriptFailure(-120, `${nameOf(connection)} was never verified. Start it: verify ${connection.number}`);
      print(`Verified: ${nameOf(over)}: ${showVerifySummary(last)}.`);
      return { result: 1, value: integerValue(last.differences), data: last };
    };
  },
};

/** What compares both sides, and its reports. */
export const verifyCommands: readonly CommandDefinition[] = [verify, stop, list, show, waitOnVerify];
