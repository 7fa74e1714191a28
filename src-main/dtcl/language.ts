import { commandWords } from './commands/index.ts';
import { parseScript, type ParseResult } from './parser.ts';

export { printScript } from './printer.ts';
export type { ParseResult } from './parser.ts';
export type { Problem } from './problem.ts';

/** Parses a script of this version's commands, with all its problems. `interactive`: the end of a line ends a statement too. */
export function parse(text: string, { interactive = false }: { interactive?: boolean } = {}): ParseResult {
  return parseScript(text, commandWords, { lineEndsTerminate: interactive });
}
