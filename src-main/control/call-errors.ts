import type { CallError } from '../api/index.ts';
import { describeError, isErrorCode, ReplicationError, toReplicationError } from '../base/index.ts';

/** A failure as it travels. What was not expected travels as `internal` without its message: that belongs in the log. */
export function toCallError(error: unknown): CallError {
  if (error instanceof ReplicationError) return { code: error.code, text: callErrorText(error), details: error.details };
  return { code: 'internal', text: callErrorText(new ReplicationError('internal')), details: {} };
}

/** The failure that arrived. A code that only a newer service knows becomes `internal` and keeps the sentence it came with. */
export function fromCallError(error: CallError): ReplicationError {
  if (isErrorCode(error.code)) return new ReplicationError(error.code, error.details);
  return new ReplicationError('internal', { text: error.text });
}

/** Cause and way out as one line for people. */
export function callErrorText(error: unknown): string {
  const { code, details } = toReplicationError(error);
  const { cause, nextStep } = describeError(code, details);
  return `${cause} ${nextStep}`.trim();
}
