import type { CallResult } from '../../api/index.ts';
import { formatBytes } from '../../base/index.ts';
import { bindEach, connectionOf, targetCalls } from '../connections.ts';
import type { CommandDefinition } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { nameOf } from '../show.ts';
import type { Argument } from '../tree.ts';
import type { ArgumentReader } from '../arguments.ts';
import type { DtclSession } from '../session.ts';

/** Lists are printed whole, asked for so many at a time. */
const PAGE = 1_000;

function search(verb: 'start' | 'stop', about: string, past: string): CommandDefinition {
  return {
    name: `orphans ${verb}`,
    syntax: '<connection>|*|all',
    about,
    example: `orphans ${verb} $id;`,
    words: ['all'],
    bind: (reader) =>
      bindEach(reader, async ({ print }, connection, calls) => {
        await calls.call(`orphans.${verb}`, { connectionId: connection.id });
        print(`Search for orphans ${past}: ${nameOf(connection)}.`);
        if (verb === 'start' && connection.settings.deletes.isIgnored)
          print('This connection ignores deletes: files that were deleted while nothing followed them count as orphans.');
      }),
  };
}

const orphansList: CommandDefinition = {
  name: 'orphans list',
  syntax: '<connection>',
  about: 'What the newest search for orphans found, with what became of each. Needs a login on the target.',
  example: 'orphans list $id;',
  bind(reader) {
    const which = reader.operand('the connection');
    reader.end();
    return async ({ session, print }) => {
      const connection = await connectionOf(session, which);
      const calls = targetCalls(session, connection);
      const entries: CallResult<'replica.orphans'>['entries'][number][] = [];
      let found: CallResult<'replica.orphans'>['search'];
      for (;;) {
        const page = await calls.call('replica.orphans', { connectionId: connection.id, offset: entries.length, limit: PAGE });
        entries.push(...page.entries);
        found = page.search;
        if (page.entries.length < PAGE) break;
      }
      for (const { path, kind, bytes, outcome, why } of entries)
        print(`${outcome.padEnd(9)} ${kind === 'file' ? formatBytes(bytes) : kind}  ${path}${why === '' ? '' : `  (${why})`}`);
      if (found === null) print(`Nothing was ever searched: ${nameOf(connection)}.`);
      else
        print(
          `${found.endedAt === null ? 'Searching since' : 'Searched'} ${found.startedAt}: ${found.found} orphans ` +
            `(${formatBytes(found.foundBytes)}), ${found.deleted} deleted, ${found.moved} moved, ${found.left} left.`,
        );
      return { result: 1, data: { search: found, entries } };
    };
  },
};

const deletedList: CommandDefinition = {
  name: 'deleted list',
  syntax: '<connection> [like <text>]',
  about: 'What the source deleted and the target keeps, because the connection ignores deletes. Needs a login on the target.',
  example: 'deleted list $id like invoice;',
  words: ['like'],
  bind(reader) {
    const which = reader.operand('the connection');
    const like = readLike(reader);
    reader.end();
    return async ({ session, print }) => {
      const connection = await connectionOf(session, which);
      const calls = targetCalls(session, connection);
      const input = { connectionId: connection.id, search: textOf(session, like), limit: PAGE };
      const entries: CallResult<'replica.kept'>['entries'][number][] = [];
      let totals: { count: number; bytes: number };
      for (;;) {
        const page = await calls.call('replica.kept', { ...input, offset: entries.length });
        entries.push(...page.entries);
        totals = { count: page.count, bytes: page.bytes };
        if (page.entries.length < PAGE) break;
      }
      for (const { path, kind, bytes, deletedAt } of entries)
        print(`${deletedAt}  ${kind === 'file' ? formatBytes(bytes) : kind}  ${path}`);
      print(`${totals.count} deleted entries are kept (${formatBytes(totals.bytes)}): ${nameOf(connection)}.`);
      return { result: 1, data: { ...totals, entries } };
    };
  },
};

const deletedPurge: CommandDefinition = {
  name: 'deleted purge',
  syntax: '<connection> all | older <days> | to <bytes> [like <text>]',
  about:
    'Removes kept deleted files from the target for good, the longest deleted first: all, those deleted so many days ago or more, or ' +
    'until no more than so many bytes are kept. What changed on the target since it was deleted stays. Needs a login on the target.',
  example: 'deleted purge $id older 30;',
  words: ['all', 'older', 'to', 'like'],
  bind(reader) {
    const which = reader.operand('the connection');
    const how = reader.expectWord('all', 'older', 'to');
    const amount = how === 'all' ? null : reader.operand(how === 'older' ? 'the number of days' : 'the number of bytes');
    const like = readLike(reader);
    reader.end();
    return async ({ session, print }) => {
      const connection = await connectionOf(session, which);
      const result = await targetCalls(session, connection).call('replica.purge-kept', {
        connectionId: connection.id,
        search: textOf(session, like),
        olderThanDays: how === 'older' && amount !== null ? integerIn(session, amount, 0, 36_500, 'days') : 0,
        untilBytes: how === 'to' && amount !== null ? integerIn(session, amount, 1, Number.MAX_SAFE_INTEGER, 'bytes') : null,
      });
      const { removed, removedBytes, stayed } = result;
      const rest = stayed === 0 ? '' : `; ${stayed} stayed, because they changed since, hold others or could not be removed`;
      print(`Purged ${removed} entries (${formatBytes(removedBytes)})${rest}: ${nameOf(connection)}.`);
      return { result: 1, data: result };
    };
  },
};

function readLike(reader: ArgumentReader): Argument | null {
  return reader.takeWord('like') === null ? null : reader.operand('the text');
}

function textOf(session: DtclSession, argument: Argument | null): string {
  return argument === null ? '' : session.text(argument);
}

/** What is on a target and not on its source. */
export const leftoverCommands: readonly CommandDefinition[] = [
  search(
    'start',
    'Looks for entries on the target that the source does not have. They are reported, deleted or moved as the settings of the replica say ' +
      '("set <connection> orphans.action = delete"); what the set leaves out is never one.',
    'started',
  ),
  search('stop', 'Ends a search for orphans; what it found so far stays as it is.', 'stopped'),
  orphansList,
  deletedList,
  deletedPurge,
];
