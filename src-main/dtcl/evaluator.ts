import { assertNever } from '../base/index.ts';
import { bind } from './commands/index.ts';
import { failureOf } from './connections.ts';
import { ScriptFailure } from './script-failure.ts';
import type { DtclSession } from './session.ts';
import type { Command, Expression, Position, Relation, Script, Statement } from './tree.ts';
import { compare, dateOf, integerValue, sum, textValue, timeOf, type Value } from './values.ts';

/** What became of one command (or of an assignment or condition that failed). Holds no argument: one might be a password. */
export interface CommandReport {
  readonly at: Position;
  readonly command: string;
  readonly isOk: boolean;
  readonly result: number;
  /** The lines that it printed; they were handed to `print` one by one before. */
  readonly lines: readonly string[];
  readonly data: unknown;
  readonly error: { readonly number: number; readonly code: string; readonly text: string } | null;
}

export interface EvaluatorOptions {
  readonly stopsAtFailure: boolean;
  readonly print: (line: string) => void;
  readonly report: (report: CommandReport) => void;
}

export interface RunResult {
  readonly failures: number;
  /** `finished`: to the end. `stopped`: at a failure, as asked for. `exited`: by the command exit. */
  readonly end: 'finished' | 'stopped' | 'exited';
}

/** Ends the run from within; never leaves this file. */
class Leave extends Error {
  readonly end: 'stopped' | 'exited';

  constructor(end: 'stopped' | 'exited') {
    super(end);
    this.end = end;
  }
}

/**
 * Runs a parsed script on a session. A failing command is reported and the next one runs, unless told to stop there. Rejects only with the
 * signal's reason: an abort takes effect at the next wait, loop turn or command.
 */
export async function runScript(
  script: Script,
  session: DtclSession,
  options: EvaluatorOptions,
  signal: AbortSignal,
): Promise<RunResult> {
  const evaluator = new Evaluator(session, options, signal);
  try {
    await evaluator.block(script.statements);
    return { failures: evaluator.failures, end: 'finished' };
  } catch (error) {
    if (error instanceof Leave) return { failures: evaluator.failures, end: error.end };
    throw error;
  }
}

class Evaluator {
  readonly #session: DtclSession;
  readonly #options: EvaluatorOptions;
  readonly #signal: AbortSignal;
  failures = 0;

  constructor(session: DtclSession, options: EvaluatorOptions, signal: AbortSignal) {
    this.#session = session;
    this.#options = options;
    this.#signal = signal;
  }

  async block(statements: readonly Statement[]): Promise<void> {
    for (const statement of statements) await this.#statement(statement);
  }

  async #statement(statement: Statement): Promise<void> {
    this.#signal.throwIfAborted();
    switch (statement.kind) {
      case 'command':
        await this.#command(statement);
        return;
      case 'assign':
        await this.#assign(statement);
        return;
      case 'if': {
        const answer = this.#guarded(statement, () => this.#relation(statement.relation));
        if (answer !== null) await this.block(answer ? statement.then : statement.else);
        return;
      }
      case 'while':
        while (this.#guarded(statement, () => this.#relation(statement.relation)) === true) await this.#turn(statement.body);
        return;
      case 'for': {
        const range = this.#guarded(statement, () => [this.#integer(statement.from), this.#integer(statement.to)] as const);
        if (range === null) return;
        for (let i = range[0]; i <= range[1]; i++) {
          this.#session.setVariable(statement.variable, integerValue(i));
          await this.#turn(statement.body);
        }
        return;
      }
      default:
        assertNever(statement);
    }
  }

  /** One turn of a loop. Other work gets its turn too, so that a loop of nothing can be interrupted. */
  async #turn(body: readonly Statement[]): Promise<void> {
    await this.block(body);
    await this.#session.host.clock.sleep(0, this.#signal);
  }

  async #assign(statement: Extract<Statement, { kind: 'assign' }>): Promise<void> {
    const { variable, value } = statement;
    if (value.kind === 'command') {
      this.#session.setVariable(variable, await this.#command(value));
      return;
    }
    const result = this.#guarded(statement, () => this.#expression(value));
    if (result === null) this.#session.unsetVariable(variable);
    else this.#session.setVariable(variable, result);
  }

  /** Gives what an assignment takes: the command's value, or the negative number of its failure. */
  async #command(command: Command): Promise<Value> {
    const lines: string[] = [];
    const { at, name } = command;
    const leave = { asked: false };
    const print = (line: string) => {
      lines.push(line);
      this.#options.print(line);
    };
    try {
      const action = bind(command);
      const run = { session: this.#session, signal: this.#signal, print, exit: () => void (leave.asked = true) };
      const { result, value, data = null } = await action(run);
      // Only `login` has a plain zero: it was understood, and there is no access.
      const error =
        result > 0 ? null : { number: 0, code: 'wrong-password', text: 'No access: the user or the password is wrong.' };
      this.#finish({ at, command: name, isOk: error === null, result, lines, data, error });
      if (leave.asked) throw new Leave('exited');
      return value ?? integerValue(result);
    } catch (error) {
      if (error instanceof Leave) throw error;
      this.#signal.throwIfAborted();
      const { number, code, text } = failureOf(error);
      this.#finish({ at, command: name, isOk: false, result: number, lines, data: null, error: { number, code, text } });
      return integerValue(number);
    }
  }

  #finish(report: CommandReport): void {
    this.#options.report(report);
    if (report.isOk) return;
    this.failures++;
    if (this.#options.stopsAtFailure) throw new Leave('stopped');
  }

  /** Evaluates what is no command; a failure counts as a command's would, and gives null. */
  #guarded<T>(statement: Statement, evaluate: () => T): T | null {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof ScriptFailure)) throw error;
      const { number, code, text } = failureOf(error);
      const command = statement.kind === 'assign' ? `$${statement.variable} =` : statement.kind;
      this.#finish({
        at: statement.at,
        command,
        isOk: false,
        result: number,
        lines: [],
        data: null,
        error: { number, code, text },
      });
      return null;
    }
  }

  #relation(relation: Relation): boolean {
    switch (relation.kind) {
      case 'compare':
        return compare(relation.operator, this.#expression(relation.left), this.#expression(relation.right));
      case 'not':
        return !this.#relation(relation.operand);
      case 'logic': {
        const left = this.#relation(relation.left);
        return relation.operator === 'and' ? left && this.#relation(relation.right) : left || this.#relation(relation.right);
      }
      default:
        return assertNever(relation);
    }
  }

  #expression(expression: Expression): Value {
    switch (expression.kind) {
      case 'integer':
        return integerValue(expression.value);
      case 'text':
        return textValue(expression.text);
      case 'variable':
        return this.#session.variable(expression.name);
      case 'now': {
        const now = this.#session.host.clock.now();
        return expression.part === 'date' ? dateOf(now) : timeOf(now);
      }
      case 'sum':
        return sum(expression.operator, this.#expression(expression.left), this.#expression(expression.right));
      default:
        return assertNever(expression);
    }
  }

  #integer(expression: Expression): number {
    const value = this.#expression(expression);
    if (value.kind === 'integer') return value.value;
    throw new ScriptFailure(-101, `"${value.text}" is not a whole number; "for" counts with whole numbers.`);
  }
}
