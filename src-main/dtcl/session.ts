import type { ConnectionId, ServiceCaller } from '../api/index.ts';
import { ScriptFailure } from './script-failure.ts';
import type { DtclHost } from './host.ts';
import { BAD_PARAMETER } from './problem.ts';
import type { Argument } from './tree.ts';
import { showValue, textValue, type Value } from './values.ts';

/** What commands and later lines of one script or one interactive sitting share. */
export class DtclSession {
  readonly host: DtclHost;
  readonly #variables = new Map<string, Value>();
  #source: string | null = null;
  target: string | null = null;
  /** The set that rule commands without a name mean; it belongs to the source. */
  currentSet: string | null = null;
  /** By connection: when its last mirror had completed before this script started one; so that waiting cannot take the old for the new. */
  readonly mirrorsBefore = new Map<ConnectionId, string | null>();
  /** The same for verifications: the id of the last report before. */
  readonly verifiesBefore = new Map<ConnectionId, string | null>();

  /** The same for certificates: the ids of those before, and when the last failure was. */
  readonly certificatesBefore = new Map<ConnectionId, { readonly ids: ReadonlySet<string>; readonly failedAt: string | null }>();

  constructor(host: DtclHost) {
    this.host = host;
  }

  get source(): string | null {
    return this.#source;
  }

  set source(server: string | null) {
    this.#source = server;
    this.currentSet = null;
  }

  /** The chosen source's name. */
  requireSource(): string {
    if (this.#source !== null) return this.#source;
    throw new ScriptFailure(-104, 'No source is chosen. Say which server the commands are for: source <server>.');
  }

  /** Calls to the chosen source. */
  sourceCalls(): ServiceCaller {
    return this.host.calls(this.requireSource());
  }

  variable(name: string): Value {
    const value = this.#variables.get(name.toLowerCase());
    if (value !== undefined) return value;
    throw new ScriptFailure(BAD_PARAMETER, `The variable $${name} is not set. Give it a value first: $${name} = …`);
  }

  setVariable(name: string, value: Value): void {
    this.#variables.set(name.toLowerCase(), value);
  }

  /** After a failed assignment: an old value must not pass for the new one. */
  unsetVariable(name: string): void {
    this.#variables.delete(name.toLowerCase());
  }

  variableNames(): readonly string[] {
    return [...this.#variables.keys()];
  }

  value(argument: Argument): Value {
    return argument.kind === 'variable' ? this.variable(argument.name) : textValue(argument.text);
  }

  /** The argument's text, which must not be empty and at most `mostLength` characters long. */
  text(argument: Argument, mostLength = 4096): string {
    const text = showValue(this.value(argument));
    if (text === '') throw new ScriptFailure(BAD_PARAMETER, 'An argument is an empty text.');
    if (text.length > mostLength)
      throw new ScriptFailure(-122, `An argument has ${text.length} characters; at most ${mostLength} are allowed.`);
    return text;
  }
}
