import type { DriftEntry } from '../../../api/index.ts';
import { describeError, ReplicationError } from '../../../base/index.ts';
import type { LinkOwner } from './target-link.ts';

/** Takes what still comes from a link that was replaced. */
export const nobody: LinkOwner = { received: () => undefined, closed: () => undefined };

/** The replica is opened again in any case, so the source has to come again too: `internal` would tell it that nothing can help. */
export function forSource(error: ReplicationError): ReplicationError {
  if (error.code !== 'internal') return error;
  return new ReplicationError('link-lost', { text: 'the target opens its replica again' }, { cause: error });
}

/** What happened and what to do about it. */
export function sentence({ code, details }: ReplicationError): string {
  const { cause, nextStep } = describeError(code, details);
  return `${cause} ${nextStep}`;
}

/** The first of a list of drift. */
export function driftText({ path, what }: DriftEntry): string {
  const done = what === 'missing' ? 'removed' : 'changed';
  return `${path} was ${done} in the replica by somebody else; the source's next change took its place. More like it are listed as drift.`;
}
