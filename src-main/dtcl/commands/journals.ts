import type { AuditEntry, MessageEntry } from '../../api/index.ts';
import type { ArgumentReader } from '../arguments.ts';
import type { CommandDefinition } from '../definitions.ts';
import { readPlace } from '../place.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import { asInteger } from '../values.ts';

const MOST = 10_000;
const USUAL = 20;

const messages: CommandDefinition = {
  name: 'messages',
  syntax: '[<number>] [on <server>]',
  about: `What a server told people, with time and severity: the newest ${USUAL} messages, or as many as are said.`,
  example: 'messages 50;',
  words: ['on'],
  bind(reader) {
    const count = readCount(reader);
    const place = readPlace(reader);
    return async ({ session, print }) => {
      const entries = await place(session).calls.call('message.list', { afterId: 0, limit: count(session) });
      for (const entry of entries) print(showMessage(entry));
      return { result: 1, data: entries };
    };
  },
};

const audit: CommandDefinition = {
  name: 'audit',
  syntax: '[<number>] [on <server>]',
  about: `Who changed what on a server, from where and with what outcome: the newest ${USUAL} entries, or as many as are said.`,
  example: 'audit 50 on beta;',
  words: ['on'],
  bind(reader) {
    const count = readCount(reader);
    const place = readPlace(reader);
    return async ({ session, print }) => {
      const entries = (await place(session).calls.call('audit.list', { limit: count(session) })).toReversed();
      for (const entry of entries) print(showEntry(entry));
      return { result: 1, data: entries };
    };
  },
};

function showMessage({ at, severity, text }: MessageEntry): string {
  return `${at}  ${severity.padEnd(7)}  ${text}`;
}

function showEntry({ at, user, from, action, details, outcome }: AuditEntry): string {
  return `${at}  ${outcome.padEnd(7)}  ${user} from ${from}: ${action}${details === '' ? '' : ` ${details}`}`;
}

function readCount(reader: ArgumentReader): (session: DtclSession) => number {
  const said = reader.isWord('on') ? null : reader.optionalOperand('the number of entries');
  return (session) => {
    const count = said === null ? USUAL : asInteger(session.value(said));
    if (count !== null && count >= 1 && count <= MOST) return count;
    throw new ScriptFailure(-122, `The number of entries goes from 1 to ${MOST}.`);
  };
}

/** What a server keeps of what happened on it. Oldest first, as in a log. */
export const journalCommands: readonly CommandDefinition[] = [messages, audit];
