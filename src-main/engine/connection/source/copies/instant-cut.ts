import { toReplicationError, type Wake } from '../../../../base/index.ts';
import type { Place } from '../../../model/index.ts';
import type { QueueItem } from '../../../queue/index.ts';
import type { SourceStages } from '../assemble-source.ts';
import type { Patch } from '../transfer.ts';
import type { Doubts } from '../doubts.ts';
import { restlessOf } from '../group-rules.ts';
import type { LinkFlow } from '../link-flow.ts';
import type { FileCopy } from './instant-copies.ts';

/** An attempt ends after this, unless it has its copies. */
export const MOST_ATTEMPT_MS = 1_000;
/** So long copies are taken again and again until none of their files changed meanwhile; it keeps the thread. */
const WINDOW_MS = 40;
/** More files are not copied at a time. */
const MOST_FILES = 256;
const LOOK_AGAIN_MS = 2;

/** `again`: another round may come to a cut. `at-rest`: no copies are needed for one. */
type Outcome = 'cut' | 'again' | 'at-rest' | 'failed';

export interface InstantCutParts {
  readonly stages: Pick<
    SourceStages,
    | 'absences'
    | 'catalog'
    | 'copySender'
    | 'gathered'
    | 'groups'
    | 'guard'
    | 'hotFiles'
    | 'instantCopies'
    | 'instantPace'
    | 'outbox'
    | 'queue'
    | 'reads'
    | 'sync'
    | 'tree'
  >;
  readonly doubts: Pick<Doubts, 'examine'>;
  readonly flow: Pick<LinkFlow, 'breathe' | 'check' | 'mustBreathe'>;
  readonly wake: Pick<Wake, 'wait'>;
  readonly signal: AbortSignal;
  readonly follow: (item: QueueItem) => Promise<void>;
  readonly sendFolderTimes: () => void;
}

/**
 * Makes a cut `point-in-time` although files are written without rest. Changes of such files are gathered instead of sent; when nothing
 * else waits, all of these files are copied at one instant, and a sync point of the capture, asked for after it, must bring nothing but
 * further changes of the same files. Then the copies, with everything sent before, are the source at that instant: contents that did not
 * change are there already, and no name changed. They are sent as one group. If anything else was told, it is followed, and all is done
 * again. What changed after the instant waits in the queue until the group has ended.
 */
export class InstantCut {
  readonly #parts: InstantCutParts;

  constructor(parts: InstantCutParts) {
    this.#parts = parts;
  }

  /** An open group did not settle in its time, and an attempt is worth it again. */
  get isDue(): boolean {
    const { groups, instantPace } = this.#parts.stages;
    return groups.isLate && instantPace.dueInMs === 0;
  }

  /** True when the cut is made, `point-in-time`; it is sent, and the group has ended. Else everything is as before and goes on. */
  async attempt(patienceMs = MOST_ATTEMPT_MS): Promise<boolean> {
    const { gathered, groups, hotFiles, instantPace, sync } = this.#parts.stages;
    // What rests because it changes all the time is what the copies are for.
    const { obstacle } = groups;
    if (!instantPace.isEnabled || !sync.isAvailable || (obstacle !== null && obstacle !== restlessOf({ hotFiles }))) return false;
    const startedMs = performance.now();
    gathered.begin();
    for (const place of hotFiles.takeAll()) this.#gather(place);
    let outcome: Outcome = 'again';
    try {
      while (outcome === 'again' && performance.now() < startedMs + patienceMs)
        outcome = await this.#round(startedMs + patienceMs);
    } finally {
      // After the cut only what changed since; a change that nobody has followed is never dropped.
      for (const { place, noticedAtMs, isAfterMark } of gathered.end())
        if (outcome !== 'cut' || isAfterMark) this.#examine(place, noticedAtMs);
      if (outcome === 'cut') instantPace.succeeded(performance.now() - startedMs);
      else if (outcome !== 'at-rest') instantPace.failed();
    }
    return outcome === 'cut';
  }

  async #round(untilMs: number): Promise<Outcome> {
    const { gathered, groups, outbox, queue } = this.#parts.stages;
    await this.#parts.flow.breathe();
    await this.#followOthers(untilMs);
    if (groups.obstacle !== null || gathered.size > MOST_FILES) return 'failed';
    if (!this.#areReadsClean() || !this.#isQuiet()) {
      await this.#parts.wake.wait(this.#parts.signal, LOOK_AGAIN_MS);
      return 'again';
    }
    // Nothing is written without rest: the group settles by itself.
    if (gathered.size === 0) return queue.ops === 0 ? 'at-rest' : 'again';
    this.#parts.sendFolderTimes();
    outbox.flush();
    let copies: readonly FileCopy[] | null;
    try {
      copies = await this.#parts.stages.instantCopies.take(gathered.places(), WINDOW_MS);
    } catch (error) {
      const { code } = toReplicationError(error);
      if (code === 'internal') throw error;
      // It went, and a notice is to tell where; or it cannot be copied, of which the volumes' facts tell.
      return code === 'not-found' || code === 'not-a-folder' || code === 'outside-root' ? 'again' : 'failed';
    }
    if (copies === null) return 'again';
    try {
      return await this.#finish(copies, untilMs);
    } finally {
      for (const copy of copies) copy.close();
    }
  }

  /** The copies are made: asks whether they and what was sent before are all that had changed until then, and sends them. */
  async #finish(copies: readonly FileCopy[], untilMs: number): Promise<Outcome> {
    const { gathered, groups } = this.#parts.stages;
    const atMs = Date.now();
    gathered.mark();
    try {
      if (!(await this.#isAllTold(untilMs))) return 'failed';
      await this.#followOthers(untilMs);
      if (gathered.isDisturbed || !this.#isQuiet()) return 'again';
      if (groups.obstacle !== null || !(await this.#send(copies))) return 'failed';
      groups.endInstant(atMs);
      return 'cut';
    } finally {
      gathered.unmark();
    }
  }

  /** Waits until all that changed before now has been told; false when the capture does not answer in time. */
  async #isAllTold(untilMs: number): Promise<boolean> {
    const { flow, signal, stages, wake } = this.#parts;
    const request = stages.sync.request();
    if (request === null) return false;
    while (!stages.sync.isAnswered(request)) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return false;
      await wake.wait(signal, leftMs);
      flow.check();
    }
    return true;
  }

  /** False when one of them could not be sent. */
  async #send(copies: readonly FileCopy[]): Promise<boolean> {
    const { copySender, gathered, groups, hotFiles, reads, tree } = this.#parts.stages;
    const planned: { readonly copy: FileCopy; readonly patch: Patch | null }[] = [];
    for (const copy of copies) planned.push({ copy, patch: await copySender.plan(copy) });
    groups.holdTogether();
    for (const { copy, patch } of planned) {
      const startedMs = performance.now();
      const cause = { class: 'replication', noticedAtMs: gathered.noticedAtMs(copy.place) } as const;
      if (!(await tree.sendCopied(copy, cause, () => copySender.send(copy, patch, cause)))) return false;
      reads.forget(copy.place);
      hotFiles.sent(copy.place, copy.stat, performance.now() - startedMs);
      if (this.#parts.flow.mustBreathe) await this.#parts.flow.breathe();
    }
    this.#parts.sendFolderTimes();
    return true;
  }

  /** Follows what waits; changes of restless files are gathered meanwhile. */
  async #followOthers(untilMs: number): Promise<void> {
    const { doubts, flow, stages } = this.#parts;
    do {
      for (let item = stages.queue.peek(); item !== undefined && performance.now() < untilMs; item = stages.queue.peek()) {
        await this.#parts.follow(item);
        if (flow.mustBreathe) await flow.breathe();
      }
    } while (doubts.examine());
  }

  /** What is not gathered was read clean; else it is gathered now, or looked at again. */
  #areReadsClean(): boolean {
    const { gathered, reads } = this.#parts.stages;
    for (const place of gathered.places()) reads.forget(place);
    if (reads.check(Infinity)) return true;
    for (const place of reads.takeAll()) this.#gather(place);
    return false;
  }

  /** Nothing waits, and nothing that was told is missing. */
  #isQuiet(): boolean {
    const { absences, guard, hotFiles, queue } = this.#parts.stages;
    return queue.ops === 0 && absences.size === 0 && guard.heldCount === 0 && hotFiles.size === 0;
  }

  #gather(place: Place): void {
    if (!this.#parts.stages.gathered.add(place, Date.now())) this.#examine(place, Date.now());
  }

  #examine(place: Place, noticedAtMs: number): void {
    this.#parts.stages.queue.examine(place, { content: true, deep: false, isSettled: false }, noticedAtMs);
  }
}
