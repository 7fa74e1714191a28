import { planActions, type PlanAction, type PlanEntry, type PlanPage } from '../../api/index.ts';
import { bindEach, connectionOf } from '../connections.ts';
import type { CommandDefinition, Outcome, Run } from '../definitions.ts';
import { bindMirror, mirrorSyntax, mirrorWords } from '../mirror-options.ts';
import { changesOf, showPlan, showPlanEntry } from '../plan-text.ts';
import { ScriptFailure } from '../script-failure.ts';
import { nameOf } from '../show.ts';
import { integerValue } from '../values.ts';
import { waitUntil } from '../waiting.ts';

const PAGE = 1000;
/** A plan that was just ordered shows, and its result is stored, within this time. */
const SHOWS_WITHIN_MS = 15_000;

const plan: CommandDefinition = {
  name: 'mirror plan',
  syntax: `<connection> ${mirrorSyntax}`,
  about:
    'Finds out what such a mirror would do, without doing it: how many entries it would create, update, delete or keep, with bytes. ' +
    'Waits for the plan and prints its sums; the entries are printed by: mirror plan show. An assignment takes the number of changes.',
  example: '$changes = mirror plan $id different;',
  words: mirrorWords,
  bind(reader) {
    const { which, options } = bindMirror(reader);
    return async (run): Promise<Outcome> => {
      const connection = await connectionOf(run.session, which);
      const before = connection.plan.last?.id ?? null;
      await run.session.sourceCalls().call('mirror.plan', { connectionId: connection.id, options });
      const waiting = { forMs: null, goal: 'did not plan its mirror', otherwise: '' };
      const after = await waitUntil(run, connection, waiting, ({ plan: { run: running, last } }, waitedMs) => {
        if (last !== null && last.id !== before) return true;
        if (running !== null || waitedMs < SHOWS_WITHIN_MS) return false;
        throw new ScriptFailure(-119, `The plan of ${nameOf(connection)} was given up.`);
      });
      const { last } = after.plan;
      if (last === null) throw new ScriptFailure(-119, `There is no plan of ${nameOf(connection)}.`);
      for (const line of showPlan(last)) run.print(line);
      return { result: 1, value: integerValue(changesOf(last.counts)), data: last };
    };
  },
};

const show: CommandDefinition = {
  name: 'mirror plan show',
  syntax: `<connection> [${planActions.join('|')}] [json]`,
  about:
    'Prints the newest plan of a connection with its entries and reasons, all or those of one action, as text or as one line of JSON. ' +
    'What is kept is counted and not listed.',
  example: 'mirror plan show $id delete;',
  words: [...planActions, 'json'],
  bind(reader) {
    const which = reader.operand('the connection');
    const action: PlanAction | null = reader.takeWord(...planActions);
    const isJson = reader.takeWord('json') !== null;
    reader.end();
    return async (run): Promise<Outcome> => {
      const { id: connectionId } = await connectionOf(run.session, which);
      const entries: PlanEntry[] = [];
      const print = (page: readonly PlanEntry[]) => {
        if (isJson) entries.push(...page);
        else for (const entry of page) run.print(showPlanEntry(entry));
      };
      const { summary, listed } = await readPages(run, connectionId, action, print, (first) => {
        if (!isJson) for (const line of showPlan(first.summary)) run.print(line);
      });
      if (isJson) run.print(JSON.stringify({ ...summary, listed, entries }));
      return { result: 1, data: summary };
    };
  },
};

/** The pages after the first are of the same plan, also if a newer one appears meanwhile. */
async function readPages(
  run: Run,
  connectionId: string,
  action: PlanAction | null,
  take: (entries: readonly PlanEntry[]) => void,
  begin: (first: PlanPage) => void,
): Promise<PlanPage> {
  const calls = run.session.sourceCalls();
  let first: PlanPage | null = null;
  for (let offset = 0; first === null || offset < first.listed; offset += PAGE) {
    run.signal.throwIfAborted();
    const planId: string | null = first?.summary.id ?? null;
    const page: PlanPage = await calls.call('mirror.planned', { connectionId, planId, action, offset, limit: PAGE });
    if (first === null) begin(page);
    first ??= page;
    take(page.entries);
  }
  return first;
}

const stop: CommandDefinition = {
  name: 'mirror plan stop',
  syntax: '<connection>',
  about: 'Gives up a plan that is being made. A mirror that waits for its plan is ended by: mirror stop.',
  example: 'mirror plan stop $id;',
  bind: (reader) =>
    bindEach(reader, async ({ print }, connection, calls) => {
      await calls.call('mirror.stop-plan', { connectionId: connection.id });
      print(`Plan given up: ${nameOf(connection)}.`);
    }),
};

/** What a mirror would do, before it does it. */
export const planCommands: readonly CommandDefinition[] = [plan, show, stop];
