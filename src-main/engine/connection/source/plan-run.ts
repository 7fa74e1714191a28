import { rmSync } from 'node:fs';
import type { PlanEntry, PlanRun as RunStatus, PlanSummary } from '../../../api/index.ts';
import { linesOf, LinesWriter, makeFolders, showName } from '../../../base/index.ts';
import { PlanTally, PlanWriter, scratchFile, sendBytesOf, type LeavePolicy, type PlanHead } from '../../mirror/index.ts';
import type { EntryKind, Place } from '../../model/index.ts';
import { Slices, walkSides, type Pair, type Sides } from '../../verify/index.ts';
import type { SourceStages } from './assemble-source.ts';
import { bothSides } from './both-sides.ts';
import { PlanJudge, type PlanVerdict } from './plan-judge.ts';
import type { DeletePolicy } from './source-tree.ts';
import { VerifyQuestions } from './verify-questions.ts';

export interface PlanRunOptions {
  readonly head: PlanHead;
  readonly why: RunStatus['why'];
  readonly folder: string;
  readonly stages: Pick<SourceStages, 'catalog' | 'roots' | 'requests' | 'outbox' | 'tree'>;
  readonly leaves: LeavePolicy;
  readonly deletes: DeletePolicy;
  /** How many bytes go over the line in a second, if that is known. */
  readonly bytesPerSec: () => number | null;
  readonly excess: (plan: Pick<PlanSummary, 'counts' | 'sourceBytes'>) => PlanSummary['exceeded'];
  readonly signal: AbortSignal;
}

/** A deletion that waits until all moves are known. */
interface Deletion {
  readonly place: Place;
  readonly kind: EntryKind;
  readonly size: number;
}

/**
 * Finds out what a mirror would do: walks disk and target side by side as streams, beside the replication, and writes each entry down.
 * Nothing is sent but questions. Memory holds names of folders still to come and what moved, never a tree.
 */
export class PlanRun {
  readonly #options: PlanRunOptions;
  readonly #tally = new PlanTally();
  readonly #judge: PlanJudge;
  readonly #questions: VerifyQuestions;
  readonly #sides: Sides;
  #at: Place | null = null;

  constructor(options: PlanRunOptions) {
    this.#options = options;
    const { head, stages, signal } = options;
    this.#judge = new PlanJudge({ ...stages, options: head.options, leaves: options.leaves, deletes: options.deletes });
    this.#questions = new VerifyQuestions(stages.requests, stages.outbox, signal);
    this.#sides = bothSides(stages, this.#questions, head.options.orphans === true);
  }

  status(): RunStatus {
    const { options, startedBy, startedAt } = this.#options.head;
    const path = this.#at === null ? null : this.#text(this.#at);
    return { options, startedBy, startedAt, why: this.#options.why, counts: this.#tally.counts, path };
  }

  /** Resolves with the summary of the finished plan; rejects when the signal aborts, for a bug, or for a disk that takes no plan. */
  async run(): Promise<PlanSummary> {
    const { folder, head, excess, bytesPerSec } = this.#options;
    const startedMs = performance.now();
    makeFolders(folder, 0o700);
    const scratch = scratchFile(folder, head.id);
    const writer = new PlanWriter(folder, head);
    const deletions = new LinesWriter(scratch);
    let areWritten = false;
    try {
      await this.#walk(writer, deletions);
      areWritten = true;
      deletions.finish();
      await this.#decideDeletions(scratch, writer);
    } catch (error) {
      if (!areWritten) deletions.close();
      writer.abandon();
      throw error;
    } finally {
      rmSync(scratch, { force: true });
    }
    const { counts, sourceFiles, sourceBytes } = this.#tally;
    const sendBytes = sendBytesOf(counts);
    const rate = bytesPerSec();
    return writer.finish({
      endedAt: new Date().toISOString(),
      elapsedMs: Math.round(performance.now() - startedMs),
      counts,
      sourceFiles,
      sourceBytes,
      sendBytes,
      estimateMs: rate === null || rate === 0 ? null : Math.round((sendBytes / rate) * 1000),
      exceeded: excess({ counts, sourceBytes }),
    });
  }

  async #walk(writer: PlanWriter, deletions: LinesWriter): Promise<void> {
    const { stages, signal } = this.#options;
    const slices = new Slices(signal, () => undefined);
    const starts = stages.roots.paths.map((_, root): Place => ({ root, path: '' }));
    const folders: Place[] = [];
    for (const start of starts) if (await this.#beginRoot(start, writer, deletions)) folders.push(start);
    for await (const pairs of walkSides(this.#sides, folders)) {
      for (const pair of pairs) {
        this.#at = pair.place;
        this.#take(pair, writer, deletions);
        if (slices.isOver) await slices.rest();
      }
      if (slices.isOver) await slices.rest();
    }
    this.#at = null;
  }

  /** Whether it is a folder. Any other is in no listing. */
  async #beginRoot(start: Place, writer: PlanWriter, deletions: LinesWriter): Promise<boolean> {
    const source = this.#options.stages.tree.see(start);
    if (source === null || source === 'excluded') return false;
    if (source.kind === 'folder') return true;
    const target = await this.#questions.rootEntry(start.root);
    this.#take({ place: start, source, target, error: null }, writer, deletions);
    return false;
  }

  #take(pair: Pair, writer: PlanWriter, deletions: LinesWriter): void {
    const { place, source, target } = pair;
    if (source?.kind === 'file') this.#tally.sawFile(source.size);
    const verdict = this.#judge.judge(pair);
    if (verdict === null) return;
    const kind = source?.kind ?? target?.kind ?? 'other';
    if (source === null && target !== null && verdict.action !== 'orphan') {
      deletions.write({ place, kind, size: target.size } satisfies Deletion);
      return;
    }
    this.#note(place, kind, verdict, writer);
    if (target?.kind !== 'folder' || source === null || source.kind === 'folder' || verdict.action === 'leave') return;
    const row = this.#options.stages.catalog.lookup(place);
    if (row?.kind !== 'folder') return;
    for (const below of this.#judge.replaced(row, place))
      deletions.write({ place: below.place, kind: below.row.kind, size: below.row.size } satisfies Deletion);
  }

  async #decideDeletions(scratch: string, writer: PlanWriter): Promise<void> {
    for await (const line of linesOf(scratch)) {
      const { place, kind, size } = JSON.parse(line) as Deletion;
      if (!this.#judge.hasMoved(place)) this.#note(place, kind, this.#judge.deletion(kind, size), writer);
    }
  }

  #note(place: Place, kind: PlanEntry['kind'], { action, bytes, reason }: PlanVerdict, writer: PlanWriter): void {
    this.#tally.add(action, bytes);
    if (writer.lists(action)) writer.add({ action, path: this.#text(place), kind, bytes, reason });
  }

  #text(place: Place): string {
    return showName(this.#options.stages.roots.absolute(place));
  }
}
