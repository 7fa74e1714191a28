import type { MappedRoot, MapSpec } from '../../../src-main/api/index.ts';
import { toCallFailure } from '../../api/index.ts';

const QUIET_MS = 250;

/** Where files would arrive while a person still types: asked after a short quiet, and an answer that came too late is dropped. */
export class PathPreview {
  #roots = $state.raw<readonly MappedRoot[]>([]);
  #problem = $state<string | null>(null);
  #isAsking = $state(false);
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get roots(): readonly MappedRoot[] {
    return this.#roots;
  }

  get problem(): string | null {
    return this.#problem;
  }

  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** A null map means that there is nothing to ask yet. */
  ask(map: MapSpec | null, preview: (map: MapSpec) => Promise<readonly MappedRoot[]>): void {
    clearTimeout(this.#timer);
    const generation = ++this.#generation;
    if (map === null) {
      this.#settle([], null);
      return;
    }
    this.#isAsking = true;
    this.#timer = setTimeout(() => {
      preview(map).then(
        (roots) => generation === this.#generation && this.#settle(roots, null),
        (thrown: unknown) => generation === this.#generation && this.#settle([], toCallFailure(thrown).text),
      );
    }, QUIET_MS);
  }

  #settle(roots: readonly MappedRoot[], problem: string | null): void {
    this.#roots = roots;
    this.#problem = problem;
    this.#isAsking = false;
  }
}
