import type { ConsoleUpdate } from './console-calls.ts';

/** What travels between a caller and an answerer on any transport, as JSON. A result that is nothing travels as null. */
export type Request = { readonly id: number; readonly call: string; readonly input: unknown };
export type Response =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: CallError };
export type Push<U> = { readonly update: U };
export type ConsoleMessage = Response | Push<ConsoleUpdate>;

/** A failure as it travels: the code for programs, the facts, and the sentence for people (cause, then the way out). */
export interface CallError {
  readonly code: string;
  readonly text: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** The version of the control protocol; a peer with another major version is refused with both numbers named. */
export const CONTROL_VERSION = 1;
