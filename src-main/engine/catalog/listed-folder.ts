import type { CatalogRow } from './row.ts';

/** Of larger folders, and after more changes, each row is read again: they would be in memory twice. */
const MOST_NAMES = 10_000;

/** What one folder held when its rows were listed, as far as that is still so: a row that is here, or the lack of one, need not be read. */
export class ListedFolder {
  readonly #parent: bigint;
  readonly #rows: ReadonlyMap<string, CatalogRow>;
  readonly #changed = new Set<string>();

  private constructor(parent: bigint, rows: readonly CatalogRow[]) {
    this.#parent = parent;
    this.#rows = new Map(rows.map((row) => [row.name, row]));
  }

  /** Null for a folder that holds too much. */
  static of(parent: bigint, rows: readonly CatalogRow[]): ListedFolder | null {
    return rows.length > MOST_NAMES ? null : new ListedFolder(parent, rows);
  }

  /** The row of that name, null for none; undefined where the catalog must be asked. */
  child(parent: bigint, name: string): CatalogRow | null | undefined {
    if (parent !== this.#parent || this.#changed.has(name)) return undefined;
    return this.#rows.get(name) ?? null;
  }

  /** The row of that name came, went or is another. False when so many did that the list is worth nothing any more. */
  changed(parent: bigint, name: string): boolean {
    if (parent === this.#parent) this.#changed.add(name);
    return this.#changed.size <= MOST_NAMES;
  }
}
