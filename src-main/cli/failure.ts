import { ReplicationError } from '../base/index.ts';
import { callErrorText } from '../control/index.ts';

/** One line for stderr. A failure of ours, not of the person's input, shows where it happened. */
export function describeFailure(error: unknown): string {
  if (error instanceof ReplicationError && error.code !== 'internal') return callErrorText(error);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${callErrorText(error)}\n${stack}`;
}
