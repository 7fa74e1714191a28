/** Thrown by a command that has said all it had to say and ends with a code of its own. */
export class ExitCode extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
