import { done, type CommandDefinition } from '../definitions.ts';
import { numberMeanings } from '../error-numbers.ts';
import { BAD_PARAMETER } from '../problem.ts';
import { ScriptFailure } from '../script-failure.ts';

const statements: readonly (readonly [form: string, about: string])[] = [
  ['$name = <value> | <command>', 'keeps a value, or what a command gives'],
  ['if <a> = <b> then … else … end', 'also <> < <= > >=, and, or, not, ( )'],
  ['while <relation> do … end', 'repeats'],
  ['for $i = 1 to 5 do … end', 'counts'],
];

/** `help` over a table that contains `help` itself. */
export function helpCommand(all: () => readonly CommandDefinition[]): CommandDefinition {
  return {
    name: 'help',
    syntax: '[<command> | errors]',
    about: 'Lists the commands, explains one, or lists the error numbers.',
    example: 'help mirror start;',
    bind(reader) {
      const words: string[] = [];
      while (!reader.isAtEnd) {
        const word = reader.operand('a command');
        if (word.kind === 'variable') throw reader.refusal('help takes the words of a command', word.at);
        words.push(word.text.toLowerCase());
      }
      return ({ print }) => {
        const topic = words.join(' ');
        if (topic === 'errors') {
          for (const [number, meaning] of numberMeanings) print(`${String(number).padStart(5)}  ${meaning}`);
          return done;
        }
        const found = all().filter(({ name, aliases = [] }) => {
          return topic !== '' && [name, ...aliases].some((known) => known === topic || known.startsWith(`${topic} `));
        });
        if (topic !== '' && found.length === 0) {
          throw new ScriptFailure(BAD_PARAMETER, `There is no command "${topic}". "help" alone lists all.`);
        }
        for (const { name, aliases = [], syntax, about, example } of found) {
          print(`${name} ${syntax}`.trim());
          if (aliases.length > 0) print(`  also: ${aliases.join(', ')}`);
          print(`  ${about}`);
          print(`  Example: ${example}`);
        }
        if (topic === '') {
          for (const { name, syntax } of all()) print(`${name} ${syntax}`.trim());
          for (const [form, about] of statements) print(`${form.padEnd(34)} ${about}`);
          print(
            'Statements end with ";"; "#" begins a comment. "help <command>" says more, "help errors" lists the error numbers.',
          );
        }
        return done;
      };
    },
  };
}
