import { setTimeout as delay } from 'node:timers/promises';
import type { VerifyCounts, VerifyOptions, VerifyRun as RunStatus, VerifySummary } from '../../../api/index.ts';
import { showName } from '../../../base/index.ts';
import type { BlockHasher } from '../../fs/index.ts';
import type { Place } from '../../model/index.ts';
import {
  pairAt,
  placeIn,
  reportFiles,
  ReportWriter,
  Slices,
  Suspects,
  walkSides,
  type Pair,
  type ReportHead,
  type Sides,
  type SuspectFolder,
} from '../../verify/index.ts';
import type { SourceStages } from './assemble-source.ts';
import { BlockComparer } from './block-comparer.ts';
import { bothSides } from './both-sides.ts';
import { VerifyContent, type ContentResult } from './verify-content.ts';
import { VerifyJudge } from './verify-judge.ts';
import { VerifyQuestions } from './verify-questions.ts';
import { VerifyRepair } from './verify-repair.ts';

/** A notice takes this long at the most to reach the queue. */
const NOTICE_MS = 300;
const LOOK_MS = 50;
/** A large file that changes without pause is sent again after so long at the most. */
const LONGEST_REST_MS = 12_000;
/** So many entries of one folder are looked at again at once. */
const MOST_AT_ONCE = 128;

export interface VerifyRunOptions {
  readonly head: ReportHead;
  readonly folder: string;
  readonly stages: Pick<SourceStages, 'catalog' | 'roots' | 'requests' | 'outbox' | 'queue' | 'tree' | 'hotFiles'>;
  readonly hasher: BlockHasher;
  readonly owners: boolean;
  readonly isSending: () => boolean;
  readonly isHeld: (place: Place) => boolean;
  readonly passesLeft: boolean;
  /** Something was queued. */
  readonly wake: () => void;
  readonly signal: AbortSignal;
}

type Counts = { -readonly [K in keyof VerifyCounts]: VerifyCounts[K] };

/** The reason of an abort by a person or a mirror: what was found so far is reported. Its message is a sentence. */
export class VerifyStopped extends Error {}

/**
 * One verification: compares disk and target as streams, lets what is under way arrive, looks once more at what differed, and reports
 * what still does. Runs beside the replication, which it never holds up. The report shows the state before any repair.
 */
export class VerifyRun {
  readonly #options: VerifyRunOptions;
  readonly #verify: VerifyOptions;
  readonly #questions: VerifyQuestions;
  readonly #judge: VerifyJudge;
  readonly #repair: VerifyRepair;
  readonly #slices: Slices;
  readonly #comparer: BlockComparer;
  readonly #sides: Sides;
  readonly #counts: Counts = {
    files: 0, folders: 0, symlinks: 0, bytes: 0, missing: 0, extra: 0, different: 0, unreadable: 0, busy: 0, bytesOutOfSync: 0, repaired: 0,
  }; // prettier-ignore
  #phase: RunStatus['phase'] = 'comparing';
  #suspects = 0;
  #at: Place | null = null;

  constructor(options: VerifyRunOptions) {
    this.#options = options;
    const { stages, signal, head } = options;
    this.#verify = head.options;
    this.#questions = new VerifyQuestions(stages.requests, stages.outbox, signal);
    this.#judge = new VerifyJudge({ ...stages, ...options, options: head.options });
    this.#repair = new VerifyRepair(stages.catalog, stages.queue, head.options);
    this.#slices = new Slices(signal, () => undefined);
    this.#comparer = new BlockComparer(options.hasher);
    this.#sides = bothSides(stages, this.#questions, head.options.orphans);
  }

  status(): RunStatus {
    const { options, startedBy, startedAt } = this.#options.head;
    const path = this.#at === null ? null : showName(this.#options.stages.roots.absolute(this.#at));
    return { ...this.#counts, phase: this.#phase, options, startedBy, startedAt, suspects: this.#suspects, path };
  }

  /** Resolves with the summary of the finished report; rejects for a bug or a disk that takes no report. */
  async run(): Promise<VerifySummary> {
    const { folder, head, signal } = this.#options;
    const startedMs = performance.now();
    const writer = new ReportWriter(folder, head);
    const suspects = new Suspects(reportFiles(folder, head.id).suspects);
    let why: string | null = null;
    try {
      await this.#compare(suspects);
      await this.#settle();
      await this.#recheck(suspects, writer);
    } catch (error) {
      // A service that stops takes the verification with it; a person's stop leaves what was found so far.
      if (!(signal.reason instanceof VerifyStopped)) {
        writer.abandon();
        throw error;
      }
      why = signal.reason.message;
    } finally {
      suspects.close();
    }
    const outcome = why !== null ? 'stopped' : writer.differences === 0 ? 'equal' : 'different';
    const elapsedMs = Math.round(performance.now() - startedMs);
    return writer.finish({ ...this.#counts, endedAt: new Date().toISOString(), elapsedMs, outcome, why });
  }

  async #compare(suspects: Suspects): Promise<void> {
    const { roots } = this.#options.stages;
    const suspect = ({ place }: Pick<Pair, 'place'>) => {
      const cut = place.path.lastIndexOf('/');
      suspects.add({ root: place.root, path: place.path.slice(0, Math.max(0, cut)) }, place.path.slice(cut + 1));
      this.#suspects = suspects.count;
    };
    const content = this.#content((file, result) => {
      this.#counts.bytes += file.stat.size;
      if (result.bytesOutOfSync !== 0 || !result.isSteady) suspect(file);
    });
    const starts = roots.paths.map((_, root): Place => ({ root, path: '' }));
    for (const start of starts) this.#lookAtRoot(start, suspect);
    for await (const pairs of walkSides(
      this.#sides,
      starts.filter((start) => this.#isFolder(start)),
    )) {
      for (const pair of pairs) {
        this.#at = pair.place;
        this.#count(pair);
        const { source, target } = pair;
        if (this.#judge.isSuspect(pair)) suspect(pair);
        else if (source?.kind !== 'file' || target === null) continue;
        else if (this.#verify.bytes) await content.add({ place: pair.place, stat: source });
        else this.#counts.bytes += source.size;
        if (this.#slices.isOver) await this.#slices.rest();
      }
      if (this.#slices.isOver) await this.#slices.rest();
    }
    await content.finish();
    this.#at = null;
  }

  /** A root that is a file, or not there, is no folder that could be listed: its content tells. */
  #lookAtRoot(start: Place, suspect: (pair: Pick<Pair, 'place'>) => void): void {
    const seen = this.#options.stages.tree.see(start);
    if (seen === 'excluded' || seen === null) return;
    if (seen.kind === 'folder') this.#counts.folders++;
    else suspect({ place: start });
    if (seen.kind !== 'file') return;
    this.#counts.files++;
    this.#counts.bytes += seen.size;
  }

  #isFolder(start: Place): boolean {
    const seen = this.#options.stages.tree.see(start);
    return seen !== null && seen !== 'excluded' && seen.kind === 'folder';
  }

  #count({ source }: Pair): void {
    if (source?.kind === 'file') this.#counts.files++;
    else if (source?.kind === 'folder') this.#counts.folders++;
    else if (source?.kind === 'symlink') this.#counts.symlinks++;
  }

  /** What had changed before now is followed, unless a pause or a lost link holds it: then it counts as on its way. */
  async #settle(): Promise<void> {
    this.#phase = 'settling';
    const { stages, signal, isSending } = this.#options;
    const cutMs = Date.now();
    this.#judge.cutAt(cutMs);
    if (this.#suspects === 0) return;
    await delay(NOTICE_MS, undefined, { signal });
    const isWaiting = () =>
      (stages.queue.peek()?.noticedAtMs ?? Infinity) <= cutMs ||
      (stages.hotFiles.size > 0 && Date.now() < cutMs + LONGEST_REST_MS);
    while (isSending() && isWaiting()) await delay(LOOK_MS, undefined, { signal });
  }

  async #recheck(suspects: Suspects, writer: ReportWriter): Promise<void> {
    this.#phase = 'rechecking';
    for await (const folder of suspects.folders(MOST_AT_ONCE)) {
      this.#at = folder.folder;
      const askedSequence = this.#options.stages.outbox.sequence;
      const pairs = await this.#lookAgain(folder);
      const contents = await this.#compareAgain(pairs);
      for (const pair of pairs) this.#settleOne(pair, contents.get(pair.place.path) ?? null, askedSequence, writer);
      if (this.#slices.isOver) await this.#slices.rest();
    }
  }

  async #lookAgain(suspects: SuspectFolder): Promise<readonly Pair[]> {
    const { folder } = suspects;
    const listing = await this.#questions.listing(folder);
    const wanted = new Set(suspects.names);
    const listed = new Map((listing ?? []).filter(({ name }) => wanted.has(name)).map((entry) => [entry.name, entry]));
    const pairs: Pair[] = [];
    for (const name of suspects.names) {
      const place = placeIn(suspects, name);
      // A root that is no folder is in no listing.
      const found = name === '' ? await this.#questions.rootEntry(folder.root) : (listed.get(name) ?? null);
      const pair = pairAt(this.#sides, place, true, found);
      if (pair !== null) pairs.push(pair);
    }
    return pairs;
  }

  async #compareAgain(pairs: readonly Pair[]): Promise<ReadonlyMap<string, ContentResult>> {
    const results = new Map<string, ContentResult>();
    const content = this.#content((file, result) => results.set(file.place.path, result));
    for (const { place, source, target } of pairs) {
      if (source?.kind !== 'file' || target?.kind !== 'file') continue;
      if (this.#verify.bytes || place.path === '') await content.add({ place, stat: source });
    }
    await content.finish();
    return results;
  }

  #settleOne(pair: Pair, content: ContentResult | null, askedSequence: number, writer: ReportWriter): void {
    const verdict = this.#judge.judge(pair, content, askedSequence);
    if (verdict === 'equal') return;
    if (verdict === 'busy') {
      this.#counts.busy++;
      return;
    }
    this.#counts[verdict.what]++;
    this.#counts.bytesOutOfSync += verdict.bytesOutOfSync ?? 0;
    const isRepaired = this.#repair.repair(pair, verdict);
    if (isRepaired) {
      this.#counts.repaired++;
      this.#options.wake();
    }
    writer.add({ ...verdict, isRepaired });
  }

  #content(onResult: (file: { readonly place: Place; readonly stat: { readonly size: number } }, result: ContentResult) => void) {
    return new VerifyContent({
      questions: this.#questions,
      roots: this.#options.stages.roots,
      comparer: this.#comparer,
      rest: () => this.#slices.rest(),
      onResult,
    });
  }
}
