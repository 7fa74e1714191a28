import { ExpressionReader } from './expressions.ts';
import { BAD_SYNTAX, SyntaxFailure, type Problem } from './problem.ts';
import { Scanner, type Token } from './scanner.ts';
import type { Argument, Command, Expression, Position, Script, Statement } from './tree.ts';

/** What the parser must know of commands: nothing about what they do. */
export interface CommandWords {
  /** The longest command that these lower-case words begin with. Throws a SyntaxFailure when there is none. */
  match(words: readonly string[], at: Position): { readonly name: string; readonly wordCount: number };
  readonly isFirstWord: (word: string) => boolean;
  /** These words are all of a command's name. */
  readonly isName: (words: readonly string[]) => boolean;
  /** Throws a SyntaxFailure for arguments that the command does not take. */
  check(command: Command): void;
}

export interface ParseResult {
  readonly script: Script;
  /** In the order of the text. With any of these the script must not run. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** The text ends inside a block: interactive input goes on with another line. */
  readonly isUnfinished: boolean;
}

const mostNesting = 100;
const mostProblems = 100;
const reserved = new Set(['then', 'else', 'end', 'do']);

/** Parses a whole script and reports all its problems at once: after one it goes on with the next statement. */
export function parseScript(
  text: string,
  commands: CommandWords,
  { lineEndsTerminate = false }: { lineEndsTerminate?: boolean } = {},
): ParseResult {
  return new Parser(text, commands, lineEndsTerminate).parse();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #commands: CommandWords;
  readonly #expressions: ExpressionReader;
  readonly #problems: Problem[] = [];
  readonly #warnings: Problem[] = [];
  #depth = 0;
  #isUnfinished = false;

  constructor(text: string, commands: CommandWords, lineEndsTerminate: boolean) {
    this.#scanner = new Scanner(text, lineEndsTerminate);
    this.#commands = commands;
    this.#expressions = new ExpressionReader(this.#scanner, (token) => this.#warn(token));
  }

  parse(): ParseResult {
    const statements: Statement[] = [];
    for (;;) {
      statements.push(...this.#block());
      const token = this.#scanner.peek('expression');
      if (token.kind === 'end') break;
      // A block only stops at the end of the text or at a word that belongs to an open if, while or for; here none is open.
      this.#scanner.next('expression');
      this.#report(new SyntaxFailure(token.at, `this "${tokenText(token)}" has no if, while or for that it belongs to`));
    }
    return {
      script: { statements },
      problems: this.#problems.slice(0, mostProblems),
      warnings: this.#warnings,
      isUnfinished: this.#isUnfinished,
    };
  }

  /** Statements up to `end`, `else` or the end of the text. */
  #block(): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      const token = this.#scanner.peek('expression');
      if (token.kind === 'end' || isReserved(token)) return statements;
      if (token.kind === 'terminator') {
        this.#scanner.next('expression');
        continue;
      }
      try {
        statements.push(this.#statement(token));
      } catch (error) {
        this.#report(error);
        this.#skipStatement(token);
      }
    }
  }

  #statement(token: Token): Statement {
    if (token.kind === 'variable') return this.#assignment(token.name, token.at);
    if (token.kind === 'word') {
      switch (token.text.toLowerCase()) {
        case 'if':
          return this.#if(token.at);
        case 'while':
          return this.#while(token.at);
        case 'for':
          return this.#for(token.at);
        default: {
          const command = this.#command();
          this.#terminator();
          return command;
        }
      }
    }
    if (token.kind === 'bad') {
      this.#scanner.next('expression');
      throw new SyntaxFailure(token.at, token.problem);
    }
    throw new SyntaxFailure(token.at, 'a command or a variable must stand here');
  }

  #assignment(variable: string, at: Position): Statement {
    this.#scanner.next('expression');
    const equals = this.#scanner.peek('expression');
    if (equals.kind !== 'operator' || equals.text !== '=') {
      throw new SyntaxFailure(equals.at, `"=" must follow $${variable} here; a statement begins with a command or with $name =`);
    }
    this.#scanner.next('expression');
    const value = this.#assignedValue();
    this.#terminator();
    return { kind: 'assign', variable, value, at };
  }

  /** A bare word on the right side is a command if it begins one; a single other word is text (`$source = alpha;`). */
  #assignedValue(): Expression | Command {
    const token = this.#scanner.peek('expression');
    if (token.kind !== 'word') return this.#expressions.expression();
    const word = token.text.toLowerCase();
    if (word === 'date' || word === 'time') return this.#expressions.expression();
    if (this.#commands.isFirstWord(word)) return this.#command();
    const mark = this.#scanner.mark();
    this.#scanner.next('expression');
    const following = this.#scanner.peek('expression').kind;
    this.#scanner.goTo(mark);
    // Two words cannot be a value: it is a command whose name is misspelt, and the table finds the words for that.
    return following === 'word' || following === 'variable' || following === 'text'
      ? this.#command()
      : this.#expressions.expression();
  }

  #command(): Command {
    const args = this.#arguments();
    const first = args[0];
    if (first === undefined) throw new SyntaxFailure(this.#scanner.peek('argument').at, 'a command must stand here');
    const words: string[] = [];
    for (const arg of args) {
      if (arg.kind !== 'word') break;
      words.push(arg.text.toLowerCase());
    }
    const { name, wordCount } = this.#commands.match(words, first.at);
    const command: Command = { kind: 'command', name, args: args.slice(wordCount), at: first.at };
    this.#commands.check(command);
    return command;
  }

  #arguments(): Argument[] {
    const args: Argument[] = [];
    for (;;) {
      const token = this.#scanner.peek('argument');
      const { at } = token;
      switch (token.kind) {
        case 'end':
        case 'terminator':
          return args;
        case 'comma':
          break;
        case 'word':
          if (reserved.has(token.text.toLowerCase()) && !this.#isNamedSo(args, token.text)) {
            throw new SyntaxFailure(at, `";" is missing before "${token.text}" (or quotes around it, if it is a name)`);
          }
          args.push({ kind: 'word', text: token.text, at });
          break;
        case 'text':
          this.#warn(token);
          args.push({ kind: 'text', text: token.text, at });
          break;
        case 'variable':
          args.push({ kind: 'variable', name: token.name, at });
          break;
        case 'bad':
          this.#scanner.next('argument');
          throw new SyntaxFailure(at, token.problem);
        default:
          throw new SyntaxFailure(at, 'this cannot stand here');
      }
      this.#scanner.next('argument');
    }
  }

  /** The name of a command may end in a word that else has a meaning of its own: backup end. */
  #isNamedSo(before: readonly Argument[], word: string): boolean {
    const words = before.map((argument) => (argument.kind === 'word' ? argument.text.toLowerCase() : ''));
    return words.length > 0 && this.#commands.isName([...words, word.toLowerCase()]);
  }

  #terminator(): void {
    const token = this.#scanner.peek('expression');
    if (token.kind === 'end') return;
    if (token.kind !== 'terminator') throw new SyntaxFailure(token.at, `";" is missing before ${describeToken(token)}`);
    this.#scanner.next('expression');
  }

  #if(at: Position): Statement {
    const relation = this.#header('then', () => this.#expressions.relation());
    const [then, stop] = this.#body('if', at, ['else', 'end']);
    const [otherwise] = stop === 'else' ? this.#body('if', at, ['end']) : [[]];
    return { kind: 'if', relation, then, else: otherwise, at };
  }

  #while(at: Position): Statement {
    const relation = this.#header('do', () => this.#expressions.relation());
    const [body] = this.#body('while', at, ['end']);
    return { kind: 'while', relation, body, at };
  }

  #for(at: Position): Statement {
    const { variable, from, to } = this.#header('do', () => {
      const token = this.#scanner.next('expression');
      if (token.kind !== 'variable') throw new SyntaxFailure(token.at, 'a variable must follow "for", as in for $i = 1 to 5 do');
      const equals = this.#scanner.next('expression');
      if (equals.kind !== 'operator' || equals.text !== '=') throw new SyntaxFailure(equals.at, `"=" must follow $${token.name}`);
      const from = this.#expressions.expression();
      this.#expectWord('to');
      return { variable: token.name, from, to: this.#expressions.expression() };
    });
    const [body] = this.#body('for', at, ['end']);
    return { kind: 'for', variable, from, to, body, at };
  }

  /** What stands between the statement's word and `then` or `do`. A bad header is reported, and its block is still looked through. */
  #header<T extends object>(last: string, read: () => T): T {
    this.#scanner.next('expression');
    try {
      const result = read();
      this.#expectWord(last);
      return result;
    } catch (error) {
      this.#report(error);
      this.#skipHeader();
      // Never evaluated: a script with problems does not run.
      return {} as T;
    }
  }

  #body(word: string, at: Position, stops: readonly string[]): [statements: Statement[], stop: string] {
    if (this.#depth >= mostNesting) throw new SyntaxFailure(at, `more than ${mostNesting} blocks inside one another`);
    this.#depth++;
    const statements: Statement[] = [];
    for (;;) {
      statements.push(...this.#block());
      const token = this.#scanner.peek('expression');
      if (token.kind === 'end') {
        this.#isUnfinished = true;
        this.#report(new SyntaxFailure(token.at, `the "${word}" of line ${at.line}, column ${at.column} has no "end"`));
        break;
      }
      this.#scanner.next('expression');
      const stop = tokenText(token).toLowerCase();
      if (stops.includes(stop)) {
        this.#depth--;
        return [statements, stop];
      }
      this.#report(new SyntaxFailure(token.at, `"${stop}" does not belong to the "${word}" of line ${at.line}`));
    }
    this.#depth--;
    return [statements, ''];
  }

  #expectWord(word: string): void {
    const token = this.#scanner.peek('expression');
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) {
      throw new SyntaxFailure(token.at, `"${word}" is missing before ${describeToken(token)}`);
    }
    this.#scanner.next('expression');
  }

  /** To just after the next `;`, or to a word that belongs to an open block, or to a line that looks like a new statement. */
  #skipStatement(first: Token): void {
    for (;;) {
      const token = this.#scanner.peek('argument');
      if (token.kind === 'end' || isReserved(token)) return;
      if (token.end > first.end && token.startsLine && this.#beginsStatement(token)) return;
      this.#scanner.next('argument');
      if (token.kind === 'terminator') return;
    }
  }

  /** To just after the `then` or `do` (even if it is the wrong one of them), if it comes before the statement's end. */
  #skipHeader(): void {
    for (;;) {
      const token = this.#scanner.peek('argument');
      if (token.kind === 'end' || token.kind === 'terminator') return;
      if (isReserved(token)) {
        if (['then', 'do'].includes(tokenText(token).toLowerCase())) this.#scanner.next('argument');
        return;
      }
      this.#scanner.next('argument');
    }
  }

  #beginsStatement(token: Token): boolean {
    return token.kind === 'variable' || (token.kind === 'word' && this.#commands.isFirstWord(token.text.toLowerCase()));
  }

  #warn(token: Token): void {
    if (token.kind !== 'text' || token.warning === null) return;
    const { warning } = token;
    // A token may be looked at twice.
    if (this.#warnings.some(({ at }) => at.line === token.at.line && at.column === token.at.column)) return;
    this.#warnings.push({ at: token.at, number: BAD_SYNTAX, text: warning });
  }

  #report(error: unknown): void {
    if (!(error instanceof SyntaxFailure)) throw error;
    const { at } = error.problem;
    const last = this.#problems.at(-1)?.at;
    // What follows from a mistake at the same place is no news.
    if (last?.line !== at.line || last.column !== at.column) this.#problems.push(error.problem);
  }
}

function isReserved(token: Token): boolean {
  return token.kind === 'word' && reserved.has(token.text.toLowerCase());
}

function tokenText(token: Token): string {
  return token.kind === 'word' || token.kind === 'operator' || token.kind === 'text' ? token.text : '';
}

function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the text';
    case 'terminator':
      return 'the end of the statement';
    case 'variable':
      return `$${token.name}`;
    case 'integer':
      return String(token.value);
    case 'comma':
      return 'the comma';
    case 'bad':
      return 'this';
    default:
      return `"${token.text}"`;
  }
}
