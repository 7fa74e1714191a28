/** A command failed for a reason that is the script's own: the DTCL error number, and a sentence with the way out. */
export class ScriptFailure extends Error {
  readonly number: number;

  constructor(number: number, text: string) {
    super(text);
    this.name = 'ScriptFailure';
    this.number = number;
  }
}
