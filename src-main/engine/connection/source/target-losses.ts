import { ReplicationError } from '../../../base/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { losses, type Loss } from '../../model/index.ts';
import type { Problems } from './problems.ts';

const FACT = 'losses';

/**
 * What the target said that it cannot keep, by root. It shows among the problems, once for each root; it survives a restart, because
 * nothing is sent again then that would show it anew. A mirror finds out afresh.
 */
export class TargetLosses {
  readonly #catalog: Catalog;
  readonly #problems: Problems;
  readonly #targetPaths: readonly string[];
  readonly #known: Set<string>;

  /** `targetPaths`: where each root arrives, as text. */
  constructor(parts: { catalog: Catalog; problems: Problems; targetPaths: readonly string[] }) {
    this.#catalog = parts.catalog;
    this.#problems = parts.problems;
    this.#targetPaths = parts.targetPaths;
    this.#known = new Set((parts.catalog.fact(FACT) ?? '').split(' ').filter((key) => key !== ''));
    for (const key of this.#known) this.#show(key);
  }

  heard(root: number, loss: Loss): void {
    const key = `${root}:${loss}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#store();
    this.#show(key);
  }

  /** A mirror begins: what is still so will be heard again. */
  forget(): void {
    if (this.#known.size === 0) return;
    for (const key of this.#known) this.#problems.clear(`target:${key}`);
    this.#known.clear();
    this.#store();
  }

  /** What is known of one root. */
  of(root: number): readonly Loss[] {
    return losses.filter((loss) => this.#known.has(`${root}:${loss}`));
  }

  #show(key: string): void {
    const [root = '', loss = ''] = key.split(':');
    const path = this.#targetPaths[Number(root)] ?? '';
    this.#problems.note(`target:${key}`, new ReplicationError('not-preserved', { path, loss }));
  }

  #store(): void {
    this.#catalog.setFact(FACT, [...this.#known].join(' '));
  }
}
