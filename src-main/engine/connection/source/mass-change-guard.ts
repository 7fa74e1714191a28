import type { ConnectionSettings } from '../../../api/index.ts';
import { ReplicationError, showName, type ErrorDetails } from '../../../base/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import { statEntry } from '../../fs/index.ts';
import { isWithin, placeKey, type Place } from '../../model/index.ts';
import { GuardWindow } from './guard-window.ts';
import { HeldRemovals } from './held-removals.ts';
import type { Roots } from './roots.ts';

/** Files that came so lately go without a question: programs make and remove files all the time. */
const MOST_CREATED = 20_000;
/** The number of all files is counted anew after so long. */
const TOTAL_MS = 60_000;
const MOST_EXAMPLES = 3;
/** One in so many of what would stop the connection may leave early within `EARLY_MS`: at least `LEAST_EARLY`, at most `MOST_EARLY`. */
const EARLY_PART = 50;
const LEAST_EARLY = 2;
const MOST_EARLY = 100;
const EARLY_MS = 10_000;

export interface MassChangeParts {
  readonly catalog: Catalog;
  readonly roots: Roots;
  readonly settings: () => ConnectionSettings['guard'];
  /** Ms since 1970. */
  readonly nowMs?: () => number;
}

/** What of the source's files was lost; counted in the catalog, which still has them. */
interface Loss {
  readonly byRoot: ReadonlyMap<number, number>;
  readonly count: number;
  readonly examples: readonly Place[];
}

/**
 * Stops the connection (by throwing `mass-change`) when the source lost or rewrote an unusual share of its files: a volume that came up
 * empty, a wrong command, a program that encrypts everything. Removals of files that were not just made are held back until it is quiet,
 * so that no deletion of such a loss leaves; a few, far from what would stop the connection, only for a moment. Once it has stopped, it
 * lets nothing pass until a person accepts the change, or until a comparison finds nothing of it any more. That is kept in the catalog,
 * for a restart in between.
 */
export class MassChangeGuard {
  readonly #parts: MassChangeParts;
  readonly #nowMs: () => number;
  readonly #window = new GuardWindow();
  readonly #held = new HeldRemovals();
  readonly #created = new Map<string, number>();
  #rewriteEpochMs: number;
  #hasWalked = false;
  #isAccepted: boolean;
  #tripped: ErrorDetails | null;
  #total = { files: 0, atMs: -Infinity };

  constructor(parts: MassChangeParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? Date.now;
    this.#rewriteEpochMs = this.#nowMs();
    this.#isAccepted = parts.catalog.fact('guardAccepted') === 'yes';
    const tripped = parts.catalog.fact('guardTripped');
    this.#tripped = tripped === null || tripped === '' ? null : (JSON.parse(tripped) as ErrorDetails);
  }

  get heldCount(): number {
    return this.#held.count;
  }

  /** In how many ms the few that are held may go; null when none are held, or so many that they may be the first of a loss. */
  get briefMs(): number | null {
    if (this.#held.count === 0) return null;
    const allowed = this.#mayGoEarly();
    return this.#held.isBrief(allowed) ? this.#held.dueInMs(this.#nowMs(), allowed) : null;
  }

  /** Whether what was told at `toldMs`, and is not followed yet, may be part of what is held. */
  isTogether(toldMs: number): boolean {
    return toldMs < (this.#held.togetherUntilMs(this.#nowMs()) ?? -Infinity);
  }

  isHeld(place: Place): boolean {
    return this.#held.has(place);
  }

  /** A file that the target has not is sent because it was just made. */
  created(place: Place): void {
    if (this.#created.size >= MOST_CREATED) this.#created.clear();
    this.#created.set(placeKey(place), this.#nowMs());
  }

  /** Asked when a notice of `toldMs` tells that `place` went. True: it is held back, and comes with `takeDue` again. */
  hold(place: Place, row: CatalogRow, isMoved: boolean, toldMs: number | null): boolean {
    const { removedFiles, emptiedFiles, windowSeconds } = this.#parts.settings();
    if (this.#isAccepted || (removedFiles === null && emptiedFiles === null)) return false;
    const createdMs = this.#created.get(placeKey(place));
    if (createdMs !== undefined) this.#created.delete(placeKey(place));
    const isNew = createdMs !== undefined && this.#nowMs() - createdMs < windowSeconds * 1000;
    if (row.kind === 'file' && isNew) return false;
    // A folder goes after what is in it.
    if (row.kind === 'folder' && this.#parts.catalog.children(row.id).length === 0) return false;
    const nowMs = this.#nowMs();
    this.#held.add(place, isMoved, nowMs, row.kind === 'folder', toldMs ?? nowMs);
    return true;
  }

  folderMoved(from: Place, to: Place): void {
    this.#held.folderMoved(from, to);
  }

  dueInMs(): number | null {
    return this.#held.count === 0 ? null : this.#held.dueInMs(this.#nowMs(), this.#mayGoEarly());
  }

  /** Removals that may go now; `isComplete` false: more than are named, so that a comparison must find them. Throws `mass-change`. */
  takeDue(): { readonly places: readonly Place[]; readonly isComplete: boolean } {
    if (this.dueInMs() !== 0) return { places: [], isComplete: true };
    const places = this.#held.places();
    const isComplete = !this.#held.isOverflowed;
    this.check(places);
    this.#held.letGo();
    return { places, isComplete };
  }

  /** Whether what was held at `place` and is looked at now had been moved away, and not deleted. */
  takeMoved(place: Place): boolean {
    return this.#held.takeMoved(place);
  }

  /** Forgets what is held: a comparison will find it. */
  dropHeld(): void {
    this.#held.clear();
  }

  /** Asked with all that is about to be removed, before the first of it is. Throws `mass-change`. */
  check(places: readonly Place[]): void {
    if (this.#isAccepted || places.length === 0) return;
    const { removedFiles, removedPercent, emptiedFiles, windowSeconds } = this.#parts.settings();
    const nowMs = this.#nowMs();
    const loss = this.#lossOf(places);
    if (loss.count === 0) return;
    const before = this.#window.sum('removed', windowSeconds * 1000, nowMs);
    const lost = loss.count + before.count;
    const isMany = removedFiles !== null && lost >= removedFiles;
    const facts = () => ({
      total: this.#parts.catalog.countFiles() + before.count,
      left: before.count,
      since: new Date(before.sinceMs).toISOString(),
      ...this.#exampleOf(loss),
    });
    if (emptiedFiles !== null)
      for (const [root, count] of loss.byRoot)
        if (count >= emptiedFiles && count === this.#parts.catalog.countFiles(root))
          this.#trip({ ...facts(), what: 'emptied', count, path: showName(this.#parts.roots.paths[root] ?? '') });
    // To count all files takes its time; few removals need no answer from that.
    if (isMany && lost * 100 >= removedPercent * facts().total) this.#trip({ ...facts(), what: 'removed', count: lost });
    this.#window.add('removed', loss.count, nowMs);
  }

  /** Asked before the content of a file that the target has is sent again. Throws `mass-change`. */
  rewriting(place: Place, row: CatalogRow): void {
    const { rewrittenFiles, rewrittenPercent, windowSeconds } = this.#parts.settings();
    if (this.#isAccepted || rewrittenFiles === null || row.trust !== 'known') return;
    if (this.#tripped?.what === 'rewritten') this.#trip(this.#tripped);
    // After a loss these are files that were put back.
    if (this.#tripped !== null) return;
    const nowMs = this.#nowMs();
    const windowMs = windowSeconds * 1000;
    // One file that changes all the time counts once.
    if (row.readAtMs >= Math.max(nowMs - windowMs, this.#rewriteEpochMs)) return;
    this.#window.add('rewritten', 1, nowMs);
    const { count, sinceMs } = this.#window.sum('rewritten', windowMs, nowMs);
    if (count < rewrittenFiles) return;
    const total = this.#totalFiles(nowMs);
    if (count * 100 < rewrittenPercent * total) return;
    const example = showName(this.#parts.roots.absolute(place));
    this.#trip({ what: 'rewritten', count, total, left: count - 1, since: new Date(sinceMs).toISOString(), example });
  }

  /** A person accepts the change: nothing is asked until all of it has been sent. */
  accept(): void {
    this.#isAccepted = true;
    this.#remember(null);
  }

  /** A comparison or mirror works; what it reads counts as rewritten only when it changes again. */
  walked(): void {
    this.#hasWalked = true;
  }

  /** Everything is sent: what was accepted is over, and what stopped the connection is not there any more. */
  atRest(): void {
    if (!this.#hasWalked) return;
    this.#hasWalked = false;
    this.#rewriteEpochMs = this.#nowMs();
    if (!this.#isAccepted && this.#tripped === null) return;
    this.#isAccepted = false;
    this.#window.clear();
    this.#remember(null);
  }

  /** So many removals are far from what would stop the connection, with those that left a moment ago. */
  #mayGoEarly(): number {
    const { removedFiles, removedPercent, emptiedFiles } = this.#parts.settings();
    const nowMs = this.#nowMs();
    const total = this.#totalFiles(nowMs);
    const many = removedFiles === null ? Infinity : Math.max(removedFiles, (removedPercent * total) / 100);
    // Of several roots one may be much smaller than all of them.
    const all = emptiedFiles === null ? Infinity : Math.max(emptiedFiles, this.#parts.roots.paths.length === 1 ? total : 0);
    const part = Math.floor(Math.min(many, all) / EARLY_PART);
    const left = this.#window.sum('removed', EARLY_MS, nowMs).count;
    return Math.max(0, Math.min(MOST_EARLY, Math.max(LEAST_EARLY, part)) - left);
  }

  #trip(details: ErrorDetails): never {
    this.#remember(details);
    throw new ReplicationError('mass-change', details);
  }

  #remember(tripped: ErrorDetails | null): void {
    const { catalog } = this.#parts;
    this.#tripped = tripped;
    catalog.setFact('guardTripped', tripped === null ? '' : JSON.stringify(tripped));
    catalog.setFact('guardAccepted', this.#isAccepted ? 'yes' : 'no');
    catalog.commit();
  }

  /** What is really gone of these, each file once although its folder may be named too. */
  #lossOf(places: readonly Place[]): Loss {
    const { catalog, roots } = this.#parts;
    const byRoot = new Map<number, number>();
    const examples: Place[] = [];
    let count = 0;
    let folder: Place | null = null;
    for (const place of places.toSorted(inTreeOrder)) {
      if (folder !== null && folder.root === place.root && isWithin(place.path, folder.path)) continue;
      const row = catalog.lookup(place);
      if (row === null || statEntry(roots.absolute(place)) !== null) continue;
      const files = row.kind === 'folder' ? catalog.countFilesBelow(row) : row.kind === 'file' ? 1 : 0;
      if (row.kind === 'folder') folder = place;
      if (files > 0 && examples.length < MOST_EXAMPLES) examples.push(place);
      byRoot.set(place.root, (byRoot.get(place.root) ?? 0) + files);
      count += files;
    }
    return { byRoot, count, examples };
  }

  #exampleOf({ examples }: Loss): { readonly example: string } {
    return { example: examples.map((place) => showName(this.#parts.roots.absolute(place))).join(', ') };
  }

  #totalFiles(nowMs: number): number {
    if (nowMs - this.#total.atMs > TOTAL_MS) this.#total = { files: this.#parts.catalog.countFiles(), atMs: nowMs };
    return this.#total.files;
  }
}

/** A folder before what is in it. */
function inTreeOrder(a: Place, b: Place): number {
  if (a.root !== b.root) return a.root - b.root;
  // The separator sorts first, so that all of a folder follows it at once.
  const [x, y] = [a.path.replaceAll('/', '\0'), b.path.replaceAll('/', '\0')];
  return x < y ? -1 : x > y ? 1 : 0;
}
