import { closest } from './closest.ts';
import { laterOption } from './later.ts';
import { BAD_PARAMETER, BAD_SYNTAX, SyntaxFailure, UNKNOWN_OPTION } from './problem.ts';
import type { Argument, Command, Position } from './tree.ts';

/** Takes a command's arguments apart, left to right, before anything runs. Failures name the place and the way out. */
export class ArgumentReader {
  readonly #command: Command;
  readonly #usage: string;
  readonly #isFirstWord: (word: string) => boolean;
  readonly #asked: string[] = [];
  #index = 0;

  constructor(command: Command, usage: string, isFirstWord: (word: string) => boolean) {
    this.#command = command;
    this.#usage = usage;
    this.#isFirstWord = isFirstWord;
  }

  get #next(): Argument | undefined {
    return this.#command.args[this.#index];
  }

  get isAtEnd(): boolean {
    return this.#next === undefined;
  }

  /** Where the next argument, or the missing one, is for a person. */
  get at(): Position {
    return this.#next?.at ?? this.#command.args.at(-1)?.at ?? this.#command.at;
  }

  /** Whether the argument `ahead` places on is this bare word. */
  isWord(word: string, ahead = 0): boolean {
    const argument = this.#command.args[this.#index + ahead];
    return argument?.kind === 'word' && argument.text.toLowerCase() === word;
  }

  /** Takes the next argument if it is one of these bare words; gives which, or null. */
  takeWord<W extends string>(...words: readonly W[]): W | null {
    this.#asked.push(...words);
    const found = words.find((word) => this.isWord(word));
    if (found === undefined) return null;
    this.#index++;
    this.#asked.length = 0;
    return found;
  }

  expectWord<W extends string>(...words: readonly W[]): W {
    const found = this.takeWord(...words);
    if (found !== null) return found;
    this.#refuseLater();
    throw this.#failure(`${words.map((word) => `"${word}"`).join(' or ')} is missing here`);
  }

  /** Takes a name, path or value: a bare word, a text or a variable. */
  operand(what: string): Argument {
    const argument = this.#next;
    if (argument === undefined) throw this.#failure(`${what} is missing`);
    const before = this.#command.args[this.#index - 1]?.at ?? this.#command.at;
    if (argument.kind === 'word' && argument.at.line > before.line && this.#isFirstWord(argument.text.toLowerCase())) {
      throw this.#failure(`";" is missing before this "${argument.text}" (or quotes around it, if it is ${what})`);
    }
    this.#index++;
    this.#asked.length = 0;
    return argument;
  }

  optionalOperand(what: string): Argument | null {
    return this.isAtEnd ? null : this.operand(what);
  }

  /** All that is left must have been taken. */
  end(): void {
    const argument = this.#next;
    if (argument === undefined) return;
    this.#refuseLater();
    const before = this.#command.args[this.#index - 1]?.at ?? this.#command.at;
    if (argument.kind !== 'word') throw this.#failure('this is one argument too many', BAD_SYNTAX);
    if (argument.at.line > before.line && this.#isFirstWord(argument.text.toLowerCase())) {
      throw this.#failure(`";" is missing before this "${argument.text}"`, BAD_SYNTAX);
    }
    const guess = closest(argument.text, this.#asked);
    throw this.#failure(
      `"${argument.text}" means nothing here${guess === null ? '' : `; did you mean "${guess}"?`}`,
      UNKNOWN_OPTION,
    );
  }

  /** A combination of arguments that cannot be meant. */
  refusal(text: string, at: Position = this.at): SyntaxFailure {
    return new SyntaxFailure(at, text, BAD_PARAMETER);
  }

  /** A word that names nothing here. */
  unknownOption(text: string, at: Position = this.at): SyntaxFailure {
    return new SyntaxFailure(at, text, UNKNOWN_OPTION);
  }

  #refuseLater(): void {
    const argument = this.#next;
    if (argument?.kind !== 'word' || !laterOption(argument.text)) return;
    throw new SyntaxFailure(argument.at, `the option "${argument.text}" is not available in this version`, UNKNOWN_OPTION);
  }

  #failure(text: string, number: number = BAD_SYNTAX): SyntaxFailure {
    return new SyntaxFailure(this.at, `${text}. Usage: ${this.#usage}`, number);
  }
}
