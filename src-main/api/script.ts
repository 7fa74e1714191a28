/** A line of a script's output, as the text client prints it. */
export interface ScriptLine {
  readonly kind: 'output' | 'warning' | 'error';
  readonly text: string;
}

/**
 * What became of a text given to the prompt. `more`: a block is open, give it again with what follows. `refused`: it has mistakes, nothing
 * ran. `interrupted`: stopped by a person; what was requested so far stays requested.
 */
export interface ScriptResult {
  readonly outcome: 'more' | 'refused' | 'finished' | 'exited' | 'interrupted';
  /** Commands that failed. */
  readonly failures: number;
}

/** What could stand at the end of a line, and the part of the line that it replaces. */
export interface ScriptCompletion {
  readonly candidates: readonly string[];
  readonly replaced: string;
}
