import type { Halt } from '../../../api/index.ts';
import { describeError, type ErrorCode, type ErrorDetails } from '../../../base/index.ts';

/** The question that a halted connection asks. Disconnecting is always possible and is not listed. */
export function haltFor(code: ErrorCode, details: ErrorDetails, now: string): Halt {
  const isReplaced = code === 'source-vanished' && details.replaced === true;
  return {
    code,
    path: typeof details.path === 'string' ? details.path : null,
    since: now,
    ...describeError(code, details),
    answers: [
      {
        id: 'check-again',
        label: 'Check again',
        effect:
          'Looks whether the cause is gone. If it is, the disk is compared with what the target has, and replication goes on.',
      },
      ...(code === 'mass-change'
        ? [
            {
              id: 'accept',
              label: 'Accept the change',
              effect: 'Sends the change as it is. What is not on the source any more is deleted on the target.',
            },
          ]
        : []),
      ...(isReplaced
        ? [
            {
              id: 'accept',
              label: 'Accept the new folder',
              effect: 'Takes the folder that is there now as the source. What it does not contain is deleted on the target.',
            },
          ]
        : []),
    ],
  };
}
