import { ArgumentReader } from '../arguments.ts';
import { closest } from '../closest.ts';
import type { Action, CommandDefinition } from '../definitions.ts';
import { isLaterFirstWord, laterCommand } from '../later.ts';
import type { CommandWords } from '../parser.ts';
import { SyntaxFailure } from '../problem.ts';
import type { Command, Position } from '../tree.ts';
import { accountCommands } from './accounts.ts';
import { answerCommand } from './answer.ts';
import { backupCommands } from './backup.ts';
import { certificateCommands } from './certificates.ts';
import { connectionCommands } from './connection.ts';
import { driftCommands } from './drift.ts';
import { flowCommands } from './flow.ts';
import { helpCommand } from './help.ts';
import { holdCommands } from './hold.ts';
import { journalCommands } from './journals.ts';
import { limitCommands } from './limits.ts';
import { leftoverCommands } from './leftovers.ts';
import { mirrorCommands } from './mirror.ts';
import { parkCommand } from './park.ts';
import { planCommands } from './plan.ts';
import { reconnectCommand } from './reconnect.ts';
import { preservedCommand } from './preserved.ts';
import { releaseCommand } from './release.ts';
import { repsetCommands } from './repset.ts';
import { restoreCommands } from './restore.ts';
import { rotationCommands } from './rotation.ts';
import { scheduleCommands } from './schedule.ts';
import { sessionCommands } from './session.ts';
import { settingsCommands } from './settings.ts';
import { snapshotCommands } from './snapshots.ts';
import { statusCommands } from './status.ts';
import { transmissionCommands } from './transmission.ts';
import { verifyCommands } from './verify.ts';

/** All commands, in the order of `help`. */
export const definitions: readonly CommandDefinition[] = [
  ...sessionCommands,
  ...repsetCommands,
  ...connectionCommands,
  parkCommand,
  reconnectCommand,
  ...mirrorCommands,
  ...planCommands,
  ...leftoverCommands,
  ...transmissionCommands,
  ...holdCommands,
  releaseCommand,
  ...limitCommands,
  ...scheduleCommands,
  ...rotationCommands,
  ...verifyCommands,
  ...backupCommands,
  ...certificateCommands,
  ...snapshotCommands,
  ...restoreCommands,
  ...driftCommands,
  ...statusCommands,
  preservedCommand,
  answerCommand,
  ...settingsCommands,
  ...accountCommands,
  ...journalCommands,
  ...flowCommands,
  helpCommand(() => definitions),
];

const byName = new Map(definitions.map((definition) => [definition.name, definition]));
/** Every spelling with its definition, longest first. */
const spellings = definitions
  .flatMap((definition) =>
    [definition.name, ...(definition.aliases ?? [])].map((name) => ({ words: name.split(' '), definition })),
  )
  .sort((a, b) => b.words.length - a.words.length);
const firstWords = new Set(spellings.map(({ words }) => words[0] ?? ''));

/** Takes a command's arguments apart. Throws a SyntaxFailure; what comes back only needs running. */
export function bind(command: Command): Action {
  const definition = byName.get(command.name);
  if (definition === undefined) throw new SyntaxFailure(command.at, `"${command.name}" is not a DTCL command`);
  return definition.bind(new ArgumentReader(command, `${definition.name} ${definition.syntax}`.trim(), commandWords.isFirstWord));
}

/** The command table as the parser sees it. */
export const commandWords: CommandWords = {
  match(words, at) {
    const later = laterCommand(words);
    if (later !== null) throw new SyntaxFailure(at, `the command "${later}" is not available in this version`);
    const found = spellings.find((spelling) => spelling.words.every((word, i) => words[i] === word));
    if (found !== undefined) return { name: found.definition.name, wordCount: found.words.length };
    throw unknownCommand(words, at);
  },
  isFirstWord: (word) => firstWords.has(word) || isLaterFirstWord(word),
  isName: (words) => spellings.some((spelling) => spelling.words.join(' ') === words.join(' ')),
  check: (command) => void bind(command),
};

function unknownCommand(words: readonly string[], at: Position): SyntaxFailure {
  const first = words[0] ?? '';
  const family = definitions.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (family.length > 0) return new SyntaxFailure(at, `"${first}" needs one more word: ${family.join(', ')}`);
  const guess = closest(first, [...firstWords]);
  const shown = first === '' ? 'a quoted text' : `"${first}"`;
  return new SyntaxFailure(at, `${shown} is not a DTCL command${guess === null ? '' : `; did you mean "${guess}"?`}`);
}
