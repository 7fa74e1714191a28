import type { CommandReport, Problem } from '../dtcl/index.ts';

/** Where a script's words go. Lines of commands to standard output, what is wrong to standard error; or all as JSON to standard output. */
export interface DtclOutput {
  readonly print: (line: string) => void;
  readonly report: (report: CommandReport) => void;
  readonly problem: (problem: Problem) => void;
  readonly warning: (problem: Problem) => void;
}

interface Streams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** For people. `name` is the file, or null at the prompt, where the place is before one's eyes. */
export function textOutput(name: string | null, { out, error }: Streams): DtclOutput {
  const place = (line: number, column: number | null) =>
    name === null ? '' : `${name}:${line}:${column === null ? '' : `${column}:`} `;
  return {
    print: (line) => out(`${line}\n`),
    report: ({ at, command, error: failure }) => {
      if (failure === null) return;
      const number = failure.number === 0 ? 'result 0' : `error ${failure.number}`;
      error(`${place(at.line, null)}${command}: ${number}: ${failure.text}\n`);
    },
    problem: ({ at, number, text }) =>
      error(`${place(at.line, at.column)}${name === null ? `column ${at.column}: ` : ''}error ${number}: ${text}\n`),
    warning: ({ at, text }) => error(`${place(at.line, at.column)}warning: ${text}\n`),
  };
}

/** For programs: one object to a line, for each command, each syntax problem and each warning. */
export function jsonOutput(name: string | null, { out }: Streams): DtclOutput {
  const write = (value: Readonly<Record<string, unknown>>) => out(`${JSON.stringify({ file: name, ...value })}\n`);
  return {
    print: () => undefined,
    report: ({ at, command, isOk, result, lines, data, error }) =>
      write({ ...at, kind: 'command', command, ok: isOk, result, output: lines, data, error }),
    problem: ({ at, number, text }) => write({ ...at, kind: 'syntax', ok: false, error: { number, code: 'syntax', text } }),
    warning: ({ at, text }) => write({ ...at, kind: 'warning', ok: true, text }),
  };
}
