import type { Position } from './tree.ts';

/** What is wrong (or only odd) in the text of a script, found before anything runs. `number` is the DTCL error number. */
export interface Problem {
  readonly at: Position;
  readonly number: number;
  readonly text: string;
}

export const BAD_PARAMETER = -101;
export const BAD_SYNTAX = -102;
export const UNKNOWN_OPTION = -121;

/** Carries one problem from where it is seen to the statement that recovers from it; never leaves this room. */
export class SyntaxFailure extends Error {
  readonly problem: Problem;

  constructor(at: Position, text: string, number: number = BAD_SYNTAX) {
    super(text);
    this.name = 'SyntaxFailure';
    this.problem = { at, number, text };
  }
}
