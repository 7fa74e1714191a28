import { definitions } from './commands/index.ts';
import type { DtclSession } from './session.ts';

const statementWords = ['if', 'while', 'for'];

/**
 * What could stand at the end of this line: the words of commands, then a command's own words, servers and variables.
 * Gives the candidates and the part of the line that they would replace.
 */
export function complete(line: string, session: DtclSession): [candidates: string[], replaced: string] {
  const statement = line
    .slice(line.lastIndexOf(';') + 1)
    .replace(/^\s*\$[\p{L}_][\p{L}\p{N}_]*\s*=\s*/u, '')
    .trimStart();
  const words = statement.split(/[\s,]+/u);
  const typed = words.pop() ?? '';
  if (typed.startsWith('"')) return [[], typed];
  if (typed.startsWith('$'))
    return [
      startingWith(
        session.variableNames().map((name) => `$${name}`),
        typed,
      ),
      typed,
    ];
  const before = words.map((word) => word.toLowerCase());
  const candidates = new Set<string>();
  if (before.length === 0) for (const word of statementWords) candidates.add(word);
  for (const { name, aliases = [], words: own = [] } of definitions) {
    for (const spelling of [name, ...aliases].map((text) => text.split(' '))) {
      if (spelling.length > before.length && before.every((word, i) => word === spelling[i])) {
        candidates.add(spelling[before.length] ?? '');
      } else if (spelling.length <= before.length && spelling.every((word, i) => word === before[i])) {
        for (const word of own) candidates.add(word);
        for (const server of session.host.serverNames()) candidates.add(server);
      }
    }
  }
  return [startingWith([...candidates], typed), typed];
}

function startingWith(candidates: readonly string[], typed: string): string[] {
  return candidates.filter((candidate) => candidate.toLowerCase().startsWith(typed.toLowerCase())).sort();
}
