import type { MirrorOptions, PlanAction } from '../../../api/index.ts';
import { describeError, showName } from '../../../base/index.ts';
import { isSameObject, type Catalog, type CatalogRow } from '../../catalog/index.ts';
import { codedError, readLink, statEntry } from '../../fs/index.ts';
import { decide, type LeavePolicy } from '../../mirror/index.ts';
import { parentPath, placeKey, type EntryStat, type Place } from '../../model/index.ts';
import type { Pair, TargetEntry } from '../../verify/index.ts';
import { lookCloser } from './closer-look.ts';
import type { Roots } from './roots.ts';
import type { DeletePolicy, SourceTree } from './source-tree.ts';

export interface PlanJudgeParts {
  readonly catalog: Catalog;
  readonly roots: Roots;
  readonly tree: SourceTree;
  readonly options: MirrorOptions;
  readonly leaves: LeavePolicy;
  readonly deletes: DeletePolicy;
}

/** What a mirror would do with one entry, and why. */
export interface PlanVerdict {
  readonly action: PlanAction;
  readonly bytes: number;
  readonly reason: string;
}

/** Says what a mirror would do with an entry, by the same table as the mirror itself, without reading content. */
export class PlanJudge {
  readonly #parts: PlanJudgeParts;
  /** Old places, `root:path`, of what was found elsewhere: with all below them they are not to be deleted. */
  readonly #moved = new Set<string>();

  constructor(parts: PlanJudgeParts) {
    this.#parts = parts;
  }

  /** Null for what a mirror has no business with. A deletion stands only if, in the end, `hasMoved` says no. */
  judge({ place, source, target, error }: Pair): PlanVerdict | null {
    if (error !== null) return this.#unreadable(place, error);
    try {
      if (source === null) return target === null ? null : this.#onTargetOnly(place, target);
      return target === null ? this.#onSourceOnly(place, source) : this.#onBoth(place, source, target);
    } catch (failure) {
      return this.#unreadable(place, failure);
    }
  }

  /** Whether the target's copy there goes elsewhere, alone or with a folder around it. */
  hasMoved(place: Place): boolean {
    if (this.#moved.size === 0) return false;
    for (let { path } = place; path !== ''; path = parentPath(path))
      if (this.#moved.has(placeKey({ root: place.root, path }))) return true;
    return false;
  }

  /** What was in a folder of the target whose place something of another kind takes. */
  *replaced(row: CatalogRow, place: Place): Generator<{ readonly place: Place; readonly row: CatalogRow }> {
    for (const child of this.#parts.catalog.children(row.id)) {
      const below = { root: place.root, path: place.path === '' ? child.name : `${place.path}/${child.name}` };
      if (child.kind === 'folder') yield* this.replaced(child, below);
      yield { place: below, row: child };
    }
  }

  /** A deletion as the settings have it. */
  deletion(kind: string, size: number): PlanVerdict {
    const bytes = kind === 'file' ? size : 0;
    if (this.#parts.deletes.isIgnored) return { action: 'leave', bytes, reason: 'deletes are ignored' };
    return { action: 'delete', bytes, reason: 'not on the source' };
  }

  #onTargetOnly(place: Place, { kind, size }: TargetEntry): PlanVerdict | null {
    if (this.#parts.catalog.lookup(place) !== null) return this.deletion(kind, size);
    if (this.#parts.options.orphans !== true) return null; // was there before, and stays
    return { action: 'orphan', bytes: kind === 'file' ? size : 0, reason: 'was never sent' };
  }

  #onSourceOnly(place: Place, stat: EntryStat): PlanVerdict {
    const from = this.#parts.catalog.lookup(place) === null ? this.#movedFrom(stat) : null;
    if (from !== null) {
      if (!this.hasMoved(from)) this.#moved.add(placeKey(from));
      return { action: 'move', bytes: 0, reason: `was ${showName(this.#parts.roots.absolute(from))}` };
    }
    return { action: 'create', bytes: bytesOf(stat), reason: 'not on the target' };
  }

  #movedFrom(stat: EntryStat): Place | null {
    const { catalog, roots } = this.#parts;
    for (const row of catalog.byIdentity(stat)) {
      if (row.trust === 'nothing') continue;
      const from = catalog.placeOf(row);
      const there = statEntry(roots.absolute(from));
      if (there === null || !isSameObject(row, there)) return from;
    }
    return null;
  }

  #onBoth(place: Place, stat: EntryStat, target: TargetEntry): PlanVerdict {
    const { options, leaves, catalog, roots, tree } = this.#parts;
    const row = catalog.lookup(place);
    const linkTarget = stat.kind === 'symlink' ? readLink(roots.absolute(place)) : null;
    const isExtendedEqual = target.extendedHash === this.#extendedHash(place, stat, row);
    const { action, reason } = decide(options, leaves, stat, linkTarget, target, isExtendedEqual);
    switch (action) {
      case 'create':
      case 'replace':
        return { action: 'update', bytes: bytesOf(stat), reason };
      case 'leave':
        return { action, bytes: bytesOf(stat), reason };
      case 'compare':
        return { action, bytes: bytesOf(stat), reason };
      default: {
        const isInDoubt = row !== null && (row.trust === 'nothing' || tree.mayDifferUnseen(row, stat));
        if (stat.kind === 'file' && isInDoubt) return { action: 'compare', bytes: stat.size, reason: 'may have changed unseen' };
        return { action, bytes: bytesOf(stat), reason };
      }
    }
  }

  /** An unchanged ctime says that what is known still holds; else it is looked at. */
  #extendedHash(place: Place, stat: EntryStat, row: CatalogRow | null): bigint {
    const isNoted = row !== null && row.trust === 'known' && row.ctimeNs === stat.ctimeNs && isSameObject(row, stat);
    return isNoted ? row.extendedHash : lookCloser(this.#parts.roots.absolute(place), stat).kept.extendedHash;
  }

  #unreadable(place: Place, failure: unknown): PlanVerdict {
    const path = this.#parts.roots.absolute(place);
    const { code, details } = codedError(failure, path);
    return { action: 'unreadable', bytes: 0, reason: describeError(code, { path: showName(path), ...details }).cause };
  }
}

function bytesOf(stat: EntryStat): number {
  return stat.kind === 'file' ? stat.size : 0;
}
