import { whenDone, type Soon } from '../../../base/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import type { Progress } from '../../mirror/index.ts';
import { placeKey, type EntryStat, type Place } from '../../model/index.ts';
import type { FileSignature, NewOp, Requests } from '../../transmit/index.ts';
import type { CloserLook } from './closer-look.ts';
import type { FileSender } from './file-sender.ts';
import { DELTA_BYTES } from './file-content.ts';
import type { Refusals } from './refusals.ts';
import type { Cause, SourceTree } from './source-tree.ts';
import type { Transfers } from './transfers.ts';

const BATCH_FILES = 128;
const BATCH_BYTES = 32 * 1024 * 1024;

/** A file that both sides have and whose blocks are to be compared. */
export interface ChecksumFile {
  readonly place: Place;
  readonly stat: EntryStat;
  readonly hasEqualAttributes: boolean;
  /** What the catalog keeps of the closer look at it. */
  readonly kept: CloserLook['kept'];
  readonly cause: Cause;
}

/** `row`: what the catalog had when the file was added; the target's answer is about that and nothing later. */
interface Gathered extends ChecksumFile {
  readonly row: CatalogRow | null;
  /** The row of its folder. */
  readonly folderId: bigint | null;
}

interface Batch {
  readonly files: readonly Gathered[];
  answer: Promise<readonly (FileSignature | null)[]> | null;
  isAnswered: boolean;
}

export interface ChecksumsParts {
  readonly catalog: Catalog;
  readonly requests: Requests;
  readonly tree: SourceTree;
  readonly refusals: Refusals;
  readonly files: FileSender;
  readonly transfers: () => Pick<Transfers, 'absorb'>;
  readonly epoch: () => number;
  readonly progress: () => Progress | null;
}

/**
 * Compares files block by block, in batches: while the target hashes one batch the source hashes the one before. Nobody waits for an
 * answer: `work` takes what has come. A batch stays until it is done, so a lost link only asks again. A large file goes by itself, beside
 * everything else.
 */
export class Checksums {
  readonly #parts: ChecksumsParts;
  #gathering: Gathered[] = [];
  #gatheredBytes = 0;
  readonly #batches: Batch[] = [];
  /** Places of gathered files that have no row which would show that an op went there. */
  readonly #rowless = new Set<string>();

  constructor(parts: ChecksumsParts) {
    this.#parts = parts;
  }

  /** Those that are asked about, or to be. */
  get batches(): number {
    return this.#batches.length;
  }

  add(file: ChecksumFile): Soon<void> {
    if (file.stat.size >= DELTA_BYTES) return this.#parts.files.check(file.place, file.cause, file);
    this.#gather(file);
  }

  /** An op was pushed, by whomever. */
  pushed(op: NewOp): void {
    if (this.#rowless.size === 0 || !('path' in op)) return;
    this.#rowless.delete(placeKey({ root: op.root, path: op.path }));
    if (op.kind === 'rename') this.#rowless.delete(placeKey({ root: op.fromRoot, path: op.from }));
  }

  /** More than `most` batches are left, and the target has not answered about the oldest. */
  isAwaited(most: number): boolean {
    const [oldest] = this.#batches;
    return this.#batches.length > most && oldest?.answer != null && !oldest.isAnswered;
  }

  /**
   * Where more than `most` batches are left, compares the oldest if the target has answered; with 0 also what was gathered. Returns whether no more
   * than that are left now: live changes have their turn after each.
   */
  async work(most: number): Promise<boolean> {
    if (most === 0 && this.#gathering.length > 0) this.#close();
    const oldest = this.#batches[0];
    if (oldest === undefined || this.#batches.length <= most) return true;
    const answer = this.#ask(oldest);
    if (!oldest.isAnswered) return false;
    const signatures = await answer;
    for (const [index, file] of oldest.files.entries()) {
      const compared = this.#compare(file, signatures[index] ?? null);
      if (compared instanceof Promise) await compared;
    }
    this.#batches.shift();
    return this.#batches.length <= most && (most > 0 || this.#gathering.length === 0);
  }

  /** The link went: what was asked is asked again. */
  reset(): void {
    for (const batch of this.#batches) {
      batch.answer = null;
      batch.isAnswered = false;
    }
  }

  clear(): void {
    this.#gathering = [];
    this.#gatheredBytes = 0;
    this.#batches.length = 0;
    this.#rowless.clear();
  }

  #gather(file: ChecksumFile): void {
    const { catalog } = this.#parts;
    const row = catalog.lookup(file.place);
    if (row === null) this.#rowless.add(placeKey(file.place));
    this.#gathering.push({ ...file, row, folderId: catalog.folderIdOf(file.place) });
    this.#gatheredBytes += file.stat.size;
    if (this.#gathering.length >= BATCH_FILES || this.#gatheredBytes >= BATCH_BYTES) this.#close();
  }

  #close(): void {
    const batch: Batch = { files: this.#gathering, answer: null, isAnswered: false };
    this.#gathering = [];
    this.#gatheredBytes = 0;
    this.#batches.push(batch);
    void this.#ask(batch);
  }

  #ask(batch: Batch): NonNullable<Batch['answer']> {
    if (batch.answer !== null) return batch.answer;
    const answer = (batch.answer = this.#parts.requests.signatures(batch.files.map((file) => file.place)));
    // A failure reaches whoever takes the answer.
    const over = () => {
      if (batch.answer === answer) batch.isAnswered = true;
    };
    answer.then(over, over);
    return answer;
  }

  #compare(file: Gathered, signature: FileSignature | null): Soon<void> {
    const { tree, refusals, files, catalog, epoch } = this.#parts;
    const progress = this.#parts.progress();
    // An op may have brought a row and another one taken it away.
    const isRowless = this.#rowless.delete(placeKey(file.place));
    const stat = tree.see(file.place);
    if (stat === null || stat === 'excluded' || stat.kind !== 'file') return; // a notice of that is on its way
    // A live change of it is on its way.
    if (this.#parts.transfers().absorb(file.place, stat, progress === null ? null : epoch())) return;
    const row = catalog.lookup(file.place);
    if (row?.id !== file.row?.id || row?.sequence !== file.row?.sequence || (row === null && !isRowless)) {
      // A live change came between, or it was done before a lost link. Of another content the answer says nothing.
      const isDone = row?.trust === 'known' && row.epoch === epoch() && row.ctimeNs === stat.ctimeNs;
      return isDone ? undefined : this.add({ ...file, stat, hasEqualAttributes: false });
    }
    // Where the folder moved away meanwhile, the answer is about what was in that one.
    if (signature === null || (row === null && catalog.folderIdOf(file.place) !== file.folderId)) {
      if (row !== null) catalog.doubt(row, 'nothing');
      return tree.look(file.place, 'at-rest', file.cause).then((looked) => {
        if (looked.sent === 'content') progress?.sent(stat.size);
      });
    }
    const isUnchanged = stat.mtimeNs === file.stat.mtimeNs && stat.ctimeNs === file.stat.ctimeNs;
    const onEqual = (readAtMs: number) => {
      const found = { linkTarget: null, epoch: epoch(), readAtMs, ...file.kept };
      if (row === null || !catalog.confirm(row, stat, found))
        catalog.put(file.place, stat, { ...found, sequence: row?.sequence ?? 0 });
    };
    const sent = refusals.reading(file.place, () =>
      files.sendChanged(file.place, stat, signature, file.cause, file.hasEqualAttributes && isUnchanged ? onEqual : undefined),
    );
    return whenDone(sent, (how) => {
      if (how === 'sent') progress?.sent(stat.size);
      else if (how !== 'under-way') progress?.skipped(stat.size);
    });
  }
}
