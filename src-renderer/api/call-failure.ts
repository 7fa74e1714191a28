import type { CallError } from '../../src-main/api/index.ts';

/** A call that failed, as it came from the console's main side: a code for decisions, a sentence for the person. */
export class CallFailure extends Error {
  readonly code: string;
  readonly text: string;
  readonly details: CallError['details'];

  constructor(error: CallError) {
    super(error.text);
    this.name = 'CallFailure';
    this.code = error.code;
    this.text = error.text;
    this.details = error.details;
  }
}

/** The failure for anything thrown; what is not a CallError is our own fault and says so. */
export function toCallFailure(thrown: unknown): CallFailure {
  if (thrown instanceof CallFailure) return thrown;
  if (isCallError(thrown)) return new CallFailure(thrown);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new CallFailure({ code: 'internal', text: `The console made a mistake: ${text}`, details: {} });
}

function isCallError(value: unknown): value is CallError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'text' in value &&
    typeof value.text === 'string'
  );
}
