import type { ReplicaSettings } from '../../../api/index.ts';
import { assertNever, rawName } from '../../../base/index.ts';
import {
  keptPlaces,
  OrphanHandler,
  OrphanList,
  purgeKept,
  type AttributeSetter,
  type KeptDeleted,
  type KeptEntry,
  type KeptPlaces,
  type KeptTotals,
  type OrphanEntry,
  type OrphanFigures,
  type PurgeOrder,
  type PurgeResult,
  type ReplicaPaths,
  type ReplicaRecords,
} from '../../apply/index.ts';
import { statEntry } from '../../fs/index.ts';
import type { AbsolutePath } from '../../model/index.ts';
import type { SourceMessage } from '../../wire/index.ts';

/** Counting a long list costs time; a picture of it may be so old. */
const COUNT_MS = 500;

/** What a person asks a target about entries of a replica that the source does not have. */
export type LeftoverQuestion =
  | { readonly kind: 'kept'; readonly search: string; readonly offset: number; readonly limit: number }
  | ({ readonly kind: 'purge-kept' } & PurgeOrder)
  | { readonly kind: 'orphans'; readonly offset: number; readonly limit: number };

export type LeftoverAnswer =
  | { readonly kind: 'kept'; readonly entries: readonly KeptEntry[]; readonly totals: KeptTotals }
  | ({ readonly kind: 'purge-kept' } & PurgeResult)
  | { readonly kind: 'orphans'; readonly entries: readonly OrphanEntry[]; readonly figures: OrphanFigures | null };

/** What a replica has beside the source's files, in figures. */
export interface LeftoverFigures {
  readonly kept: KeptTotals;
  readonly orphans: OrphanFigures | null;
}

export interface LeftoversParts {
  readonly records: ReplicaRecords;
  readonly kept: KeptDeleted;
  readonly paths: ReplicaPaths;
  readonly roots: readonly AbsolutePath[];
  readonly connectionId: string;
  readonly setName: string;
  readonly attributes: AttributeSetter;
  readonly settings: () => ReplicaSettings;
  readonly otherRoots: () => readonly AbsolutePath[];
  readonly changed: (root: number, folder: AbsolutePath) => void;
  readonly onChanged: () => void;
  readonly onEvent: (severity: 'info' | 'warning', text: string) => void;
}

/** Entries of one replica that the source does not have: deleted ones that stay, and orphans. Owns nothing; the records outlive it. */
export class Leftovers {
  readonly kept: KeptPlaces;
  readonly orphans: OrphanHandler;
  readonly #parts: LeftoversParts;
  readonly #list: OrphanList;
  #figures: LeftoverFigures | null = null;
  #countedMs = 0;
  #countedAt = -1;
  #isDue = false;

  constructor(parts: LeftoversParts) {
    this.#parts = parts;
    this.kept = keptPlaces(parts.kept, parts.roots, parts.setName, Date.now);
    this.#list = new OrphanList(parts.records, parts.connectionId);
    this.orphans = new OrphanHandler({
      ...parts,
      list: this.#list,
      setName: rawName(parts.setName),
      nowMs: Date.now,
      policy: () => {
        const { orphans } = parts.settings();
        return { ...orphans, moveTo: orphans.moveTo === null ? null : rawName(orphans.moveTo) };
      },
    });
  }

  get figures(): LeftoverFigures {
    const isStale = this.#countedAt !== this.#changes;
    if (this.#figures === null || (isStale && performance.now() - this.#countedMs > COUNT_MS)) return this.#count();
    if (isStale) this.#countLater();
    return this.#figures;
  }

  /** A search began, or all that it found is applied. */
  searching({ phase }: Extract<SourceMessage, { kind: 'orphan-search' }>): void {
    if (phase === 'begin') this.#list.began(Date.now());
    else this.#list.ended(Date.now());
    this.#parts.records.commit();
    this.#count();
    if (phase === 'begin') this.#warnOfKept();
    else this.#tellResult();
  }

  /** The settings changed: what they mean for kept files is said now, not only when a search begins. */
  configured(): void {
    this.#count();
    this.#warnOfKept();
  }

  answer(question: LeftoverQuestion): LeftoverAnswer {
    const { kept, records, roots } = this.#parts;
    switch (question.kind) {
      case 'kept': {
        const entries = kept.search(roots, question.search, question.offset, question.limit);
        return { kind: 'kept', entries, totals: kept.totals(roots) };
      }
      case 'purge-kept': {
        this.#forgetMissing();
        const result = purgeKept(question, this.#parts);
        records.commit();
        this.#count();
        return { kind: 'purge-kept', ...result };
      }
      case 'orphans':
        return { kind: 'orphans', entries: this.#list.page(question.offset, question.limit), figures: this.#list.figures() };
      default:
        return assertNever(question);
    }
  }

  get #changes(): number {
    return this.#parts.kept.changes + this.#list.changes;
  }

  #count(): LeftoverFigures {
    this.#countedMs = performance.now();
    this.#countedAt = this.#changes;
    this.#figures = { kept: this.#parts.kept.totals(this.#parts.roots), orphans: this.#list.figures() };
    return this.#figures;
  }

  /** The last change must show even if none follows. */
  #countLater(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.#parts.onChanged();
    }, COUNT_MS).unref();
  }

  /** What somebody else removed is kept no more. */
  #forgetMissing(): void {
    const { kept, roots } = this.#parts;
    for (const { path } of kept.oldest(roots, '', Number.MAX_SAFE_INTEGER)) if (statEntry(path) === null) kept.drop(path);
  }

  #warnOfKept(): void {
    const { action } = this.#parts.settings().orphans;
    if (action === 'report' || this.figures.kept.count === 0) return;
    this.#parts.onEvent(
      'warning',
      `Orphans of ${this.#parts.setName} are ${action === 'delete' ? 'deleted' : 'moved'}, and its source ignores deletes. ` +
        'Files in the list of kept deleted files stay. A file that was deleted while nothing followed it is not in that list and goes.',
    );
  }

  #tellResult(): void {
    const figures = this.#list.figures();
    if (figures === null) return;
    const { found, foundBytes, deleted, moved, left } = figures;
    this.#parts.onEvent(
      'info',
      found === 0
        ? `The search for orphans of ${this.#parts.setName} found none.`
        : `The search for orphans of ${this.#parts.setName} found ${found} (${foundBytes} bytes): ${deleted} deleted, ${moved} moved, ${left} left.`,
    );
  }
}
