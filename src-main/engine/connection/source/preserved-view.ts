import type { MappedRoot, PreservedReport } from '../../../api/index.ts';
import { askVolume } from '../../fs/index.ts';
import type { VolumeTraits } from '../../model/index.ts';
import { preservedProperties } from '../preserved.ts';
import type { Roots } from './roots.ts';
import type { TargetLosses } from './target-losses.ts';

export interface PreservedViewParts {
  readonly connectionId: string;
  readonly mapped: readonly MappedRoot[];
  readonly roots: Roots;
  readonly losses: TargetLosses;
  /** A fresh report. */
  readonly post: (report: PreservedReport) => void;
}

/** What is preserved between the volumes of both sides: told at the start, when the target has answered, and when it reports a loss. */
export class PreservedView {
  readonly #parts: PreservedViewParts;
  #target: readonly VolumeTraits[] | null = null;
  #askedAt: string | null = null;

  constructor(parts: PreservedViewParts) {
    this.#parts = parts;
  }

  answered(target: readonly VolumeTraits[]): void {
    this.#target = target;
    this.#askedAt = new Date().toISOString();
    this.tell();
  }

  tell(): void {
    const { connectionId, mapped, roots, losses, post } = this.#parts;
    post({
      connectionId,
      askedAt: this.#askedAt,
      roots: mapped.map(({ from, to }, i) => {
        const source = ask(roots.paths[i] ?? '');
        const target = this.#target?.[i] ?? null;
        return {
          from,
          to,
          sourceFileSystem: source?.fileSystem ?? null,
          targetFileSystem: target?.fileSystem ?? null,
          properties: preservedProperties(source, target, losses.of(i)),
        };
      }),
    });
  }
}

function ask(path: string): VolumeTraits | null {
  try {
    return askVolume(path);
  } catch {
    return null; // not there now: the connection halts for that, and asks again with the next link
  }
}
