import type { Catalog } from '../../catalog/index.ts';
import type { Roots } from './roots.ts';

/** What the roots were when they were last accepted, kept in the catalog. */
export class RootMemory {
  readonly #catalog: Catalog;
  readonly #roots: Roots;

  constructor(catalog: Catalog, roots: Roots) {
    this.#catalog = catalog;
    this.#roots = roots;
  }

  /** At the start: the first time the roots are taken as they are; later they must be what they were. Throws `source-vanished`. */
  adopt(): void {
    if (this.#catalog.fact('roots') === null) {
      this.remember();
      return;
    }
    this.#roots.checkAll();
    this.adoptRenumbered();
  }

  /** Takes the roots as they are now. Throws `source-vanished` when one is missing. */
  remember(): void {
    this.#store(this.#roots.adopt());
  }

  /** After a restart of the machine a volume may have another device number: its files are still the same. */
  adoptRenumbered(): void {
    const renumbered = this.#roots.renumbered();
    if (renumbered.length === 0) return;
    for (const { from, to } of renumbered) this.#catalog.renumberDevice(from, to);
    this.remember();
  }

  /** From now on a volume below a root must be there. */
  adoptMounts(): void {
    const identities = this.#roots.adoptMounts();
    if (identities !== null) this.#store(identities);
  }

  #store(identities: unknown): void {
    this.#catalog.setFact('roots', JSON.stringify(identities));
    this.#catalog.commit();
  }
}
