import { assertNever, ReplicationError } from '../../../base/index.ts';
import type { Notice } from '../../model/index.ts';
import type { SourceStages } from './assemble-source.ts';
import type { AutoDisconnect } from './auto-disconnect.ts';
import { queueFolders } from './disturbed-folders.ts';
import type { Halting } from './halting.ts';
import type { RootMemory } from './root-memory.ts';
import type { FromCapture } from './source-protocol.ts';
import type { Watching } from './watching.ts';

export interface FromCaptureParts {
  readonly stages: Pick<SourceStages, 'changedRanges' | 'disturbedFolders' | 'queue' | 'sync'>;
  readonly rootMemory: RootMemory;
  readonly watching: Watching;
  readonly autoDisconnect: AutoDisconnect;
  readonly halting: Halting;
}

/** Takes what the capture tells to whom it concerns. */
export function heard(message: FromCapture, parts: FromCaptureParts): void {
  const { rootMemory, watching, autoDisconnect, halting } = parts;
  const { changedRanges, sync } = parts.stages;
  switch (message.kind) {
    case 'started':
      rootMemory.adoptMounts();
      watching.started(message.method, message.why);
      autoDisconnect.captured();
      // It was not ended before the restart that began it anew.
      if (autoDisconnect.parked !== null) watching.end();
      watching.compareIfDue();
      break;
    case 'synced':
      sync.answered(message.request);
      break;
    case 'held':
      watching.held(message);
      break;
    case 'failed':
      halting.haltWith(new ReplicationError(message.code, message.details));
      break;
    case 'ranges':
      changedRanges.add(message.files);
      break;
    case 'notices':
      for (const notice of message.notices) noticed(notice, message.at, parts);
      break;
    default:
      assertNever(message);
  }
}

function noticed(notice: Notice, at: number, { autoDisconnect, halting, stages, watching }: FromCaptureParts): void {
  // Everything is compared when it goes on.
  if (halting.isHalted || !autoDisconnect.isFollowing) return;
  if (notice.kind === 'root-gone') halting.checkRoots();
  else if (notice.kind === 'overflow') watching.compareBecause('More changes came than the system could report.');
  else if (notice.kind !== 'disturbed') stages.queue.add(notice, at);
  else if (!stages.disturbedFolders.note(notice.place)) queueFolders(stages.queue, [notice.place]);
}
