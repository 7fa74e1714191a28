import type { OrphanProgress } from '../../../api/index.ts';
import { ReplicationError } from '../../../base/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import type { OrphanSearch } from './orphan-search.ts';

/** The search for orphans that is under way, if any, and what the last one found. One that was begun on its own outlives a restart. */
export class OrphanSearches {
  readonly #catalog: Catalog;
  readonly #newSearch: () => OrphanSearch;
  #search: OrphanSearch | null = null;
  /** A search was asked for on its own, not by a mirror. */
  #isWanted: boolean;
  #last: OrphanProgress | null = null;
  #startedAt = '';

  constructor(catalog: Catalog, newSearch: () => OrphanSearch) {
    this.#catalog = catalog;
    this.#newSearch = newSearch;
    this.#isWanted = catalog.fact('orphanSearch') === 'yes';
  }

  /** A search is under way that has folders to look at. */
  get hasWork(): boolean {
    return this.#search !== null && !this.#search.isSent;
  }

  /** Null when none was ever begun in this run. */
  status(): OrphanProgress | null {
    if (this.#search === null) return this.#last;
    return { state: 'searching', startedAt: this.#startedAt, endedAt: null, ...this.#search.counts };
  }

  /** By order of a person, without a mirror. Throws `search-running`. */
  start(): void {
    if (this.#search !== null) throw new ReplicationError('search-running', {});
    this.#want(true);
    this.begin();
  }

  /** By order of a person. Throws `no-search`. What was found already stays with the target. */
  stop(): void {
    if (this.#search === null) throw new ReplicationError('no-search', {});
    this.end('stopped');
  }

  /** For a mirror that asks for it. */
  begin(): void {
    this.#startedAt = new Date().toISOString();
    this.#search = this.#newSearch();
  }

  /** The one that was asked for on its own; what it has found is not forgotten when it is under way. */
  beginIfWanted(): void {
    // Begun anew, it would not find what the target has removed meanwhile.
    if (this.#isWanted && this.#search === null) this.begin();
  }

  /** A mirror takes its place. */
  drop(): void {
    this.#search = null;
  }

  end(state: 'done' | 'stopped'): void {
    if (this.#search === null) return;
    this.#last = { state, startedAt: this.#startedAt, endedAt: new Date().toISOString(), ...this.#search.counts };
    this.#search = null;
    this.#want(false);
  }

  /** The target has applied everything up to here. */
  applied(sequence: number): void {
    if (this.#search?.isOver(sequence) === true) this.end('done');
  }

  linkLost(): void {
    this.#search?.linkLost();
  }

  /** Goes on for a while. Returns whether any folder is left to look at. */
  async step(budgetMs: number, isFull: () => boolean): Promise<boolean> {
    return this.#search !== null && (await this.#search.step(budgetMs, isFull));
  }

  /** A search that was begun on its own is begun again after a restart. */
  #want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#catalog.setFact('orphanSearch', isWanted ? 'yes' : 'no');
    this.#catalog.commit();
  }
}
