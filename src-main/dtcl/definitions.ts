import type { ArgumentReader } from './arguments.ts';
import type { DtclSession } from './session.ts';
import type { Value } from './values.ts';

/** What a command gave: its number (positive is success; `login` alone has a plain 0, no access) and what an assignment takes. */
export interface Outcome {
  readonly result: number;
  /** Taken by `$x = command` instead of the number. */
  readonly value?: Value;
  /** For `--json`: the facts as the service gave them. */
  readonly data?: unknown;
}

/** What a running command may use beside the session. */
export interface Run {
  readonly session: DtclSession;
  readonly signal: AbortSignal;
  /** One line for the person who reads the script's output. */
  readonly print: (line: string) => void;
  /** Ends the script after this command. */
  readonly exit: () => void;
}

export type Action = (run: Run) => Promise<Outcome> | Outcome;

/** One command of the language. `bind` takes the arguments apart before anything runs, and throws a SyntaxFailure for wrong ones. */
export interface CommandDefinition {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** As shown by `help`; what follows the name. */
  readonly syntax: string;
  readonly about: string;
  readonly example: string;
  /** Bare words that it knows, for completion. */
  readonly words?: readonly string[];
  bind(reader: ArgumentReader): Action;
}

export const done: Outcome = { result: 1 };
