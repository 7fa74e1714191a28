import type { VerifyDifference, VerifyOptions } from '../../../api/index.ts';
import { describeError, showName, type ReplicationError } from '../../../base/index.ts';
import { isSameObject, type Catalog, type CatalogRow } from '../../catalog/index.ts';
import { codedError, readLink, statEntry } from '../../fs/index.ts';
import { attributesEqual } from '../../mirror/index.ts';
import { parentPath, type EntryStat, type Place } from '../../model/index.ts';
import { describeSide, differingProperties, type EntrySide, type Pair } from '../../verify/index.ts';
import { lookCloser } from './closer-look.ts';
import type { Roots } from './roots.ts';
import type { ContentResult } from './verify-content.ts';

/** A kernel's clock runs behind by a tick; what changed that shortly before the cut counts as after it. */
const TICK_NS = 50_000_000n;

export interface JudgeParts {
  readonly catalog: Catalog;
  readonly roots: Roots;
  readonly options: VerifyOptions;
  readonly owners: boolean;
  /** Whether what changes now is sent now: no pause, no halt. */
  readonly isSending: () => boolean;
  /** A removal or large change that is held back on purpose. */
  readonly isHeld: (place: Place) => boolean;
  /** What a mirror left alone on purpose is no difference. */
  readonly passesLeft: boolean;
}

/** `equal`; `busy`: it changed too lately to be judged; else what is wrong. */
export type Verdict = 'equal' | 'busy' | VerifyDifference;

/**
 * Decides about one entry. The catalog says what the target holds once everything sent is applied, and the target answers after that: so
 * a source that equals the catalog is judged strictly, and one that does not is either on its way or was missed.
 */
export class VerifyJudge {
  readonly #parts: JudgeParts;
  /** What changed before this was followed before the second look. */
  #cutNs = 0n;

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  cutAt(ms: number): void {
    this.#cutNs = BigInt(ms) * 1_000_000n - TICK_NS;
  }

  /** Whether anything that a stat tells differs, in an entry that is worth a second look. */
  isSuspect(pair: Pair): boolean {
    const { place, source, target, error } = pair;
    if (error !== null) return true;
    if (source === null) return this.#isOurs(place);
    return target === null || this.#properties(place, source, target).length > 0;
  }

  /** Whether what only the target has is our business: it was sent and should be gone, or orphans are asked for. */
  #isOurs(place: Place): boolean {
    return this.#parts.options.orphans || this.#parts.catalog.lookup(place) !== null;
  }

  /**
   * `content` when the bytes of both files were compared. `askedSequence`: the last op that was sent before the target was asked; what it
   * said is older than any op after that.
   */
  judge({ place, source, target, error }: Pair, content: ContentResult | null, askedSequence: number): Verdict {
    const row = this.#parts.catalog.lookup(place);
    const failure = error === null ? (content?.error ?? null) : codedError(error, this.#parts.roots.absolute(place));
    if (failure !== null) return this.#unreadable(place, failure);
    if (source === null) return this.#extra(place, row, target);
    if (row?.trust === 'left' && this.#parts.passesLeft) return 'equal';
    const isSent = row !== null && isSentAs(row, source);
    const isBusy =
      content?.isSteady === false || (row?.sequence ?? 0) > askedSequence || (!isSent && this.#isOnItsWay(place, source, row));
    if (target === null) {
      if (isBusy) return 'busy';
      return this.#difference(place, 'missing', [], source, null, source.kind === 'file' ? source.size : null, isSent);
    }
    const properties = this.#properties(place, source, target);
    const bytes = content?.bytesOutOfSync ?? null;
    if (content !== null && (bytes === null || bytes > 0)) properties.push('content');
    if (properties.length === 0) return 'equal';
    return isBusy ? 'busy' : this.#difference(place, 'different', properties, source, target, bytes, isSent);
  }

  #extra(place: Place, row: CatalogRow | null, target: EntrySide | null): Verdict {
    if (target === null) return 'equal';
    if (row === null && !this.#parts.options.orphans) return 'equal';
    const folder = statEntry(this.#parts.roots.absolute({ root: place.root, path: parentPath(place.path) }));
    const isOnItsWay =
      !this.#parts.isSending() || this.#parts.isHeld(place) || (folder !== null && folder.ctimeNs >= this.#cutNs);
    if (row !== null && isOnItsWay) return 'busy';
    return this.#difference(place, 'extra', [], null, target, null, false);
  }

  #unreadable(place: Place, failure: ReplicationError): Verdict {
    if (['not-found', 'not-a-folder', 'outside-root'].includes(failure.code)) return 'busy'; // it went while it was looked at
    const why = describeError(failure.code, { path: this.#text(place), ...failure.details }).cause;
    return { ...this.#difference(place, 'unreadable', [], null, null, null, false), why };
  }

  #isOnItsWay(place: Place, source: EntryStat, row: CatalogRow | null): boolean {
    if (!this.#parts.isSending() || this.#parts.isHeld(place) || source.ctimeNs >= this.#cutNs) return true;
    // A folder's times follow when its turn is over.
    return source.kind === 'folder' && row?.trust === 'attributes';
  }

  #properties(place: Place, source: EntryStat, target: EntrySide): string[] {
    return differingProperties(this.side(place, source), target, { owners: this.#parts.owners });
  }

  /** The source's entry as a side. */
  side(place: Place, stat: EntryStat): EntrySide {
    let linkTarget: string | null = null;
    if (stat.kind === 'symlink') {
      try {
        linkTarget = readLink(this.#parts.roots.absolute(place));
      } catch {
        // Gone since: it looks different, and the second look tells.
      }
    }
    return { kind: stat.kind, size: stat.size, attributes: stat, extendedHash: this.#extendedHash(place, stat), linkTarget };
  }

  /** An unchanged ctime says that what is known still holds; else it is looked at. */
  #extendedHash(place: Place, stat: EntryStat): bigint {
    const row = this.#parts.catalog.lookup(place);
    if (row !== null && row.ctimeNs === stat.ctimeNs && isSameObject(row, stat)) return row.extendedHash;
    try {
      return lookCloser(this.#parts.roots.absolute(place), stat).kept.extendedHash;
    } catch {
      return 0n; // gone since, as above
    }
  }

  #difference(
    place: Place,
    what: VerifyDifference['what'],
    properties: readonly string[],
    source: EntryStat | null,
    target: EntrySide | null,
    bytesOutOfSync: number | null,
    isDrift: boolean,
  ): VerifyDifference {
    return {
      path: this.#text(place),
      what,
      properties,
      source: source === null ? null : describeSide(this.side(place, source)),
      target: target === null ? null : describeSide(target),
      bytesOutOfSync,
      isDrift,
      why: null,
      isRepaired: false,
    };
  }

  #text(place: Place): string {
    return showName(this.#parts.roots.absolute(place));
  }
}

/** Whether the target was sent exactly what the source has now. */
function isSentAs(row: CatalogRow, stat: EntryStat): boolean {
  if (row.trust !== 'known' || !isSameObject(row, stat) || !attributesEqual(row, stat)) return false;
  return stat.kind !== 'file' || (row.size === stat.size && row.ctimeNs === stat.ctimeNs);
}
