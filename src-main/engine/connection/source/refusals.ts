import { ReplicationError, type ErrorCode, type Soon } from '../../../base/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { codedError } from '../../fs/index.ts';
import { parentPath, type Place } from '../../model/index.ts';
import type { Problems } from './problems.ts';
import type { Roots } from './roots.ts';

const stopsConnection: ReadonlySet<ErrorCode> = new Set([
  'source-vanished',
  'mass-change',
  'link-lost',
  'unreachable',
  'timeout',
  'protocol-error',
  'internal',
]);

/** Entries that cannot be read: they are listed as problems, and nothing is concluded from what lies below them. */
export class Refusals {
  readonly #catalog: Catalog;
  readonly #roots: Roots;
  readonly #problems: Problems;
  readonly #isOfLink: (error: unknown) => boolean;

  /** `isOfLink`: the error ended the link, whatever its code, and is none of an entry. */
  constructor(parts: { catalog: Catalog; roots: Roots; problems: Problems; isOfLink: (error: unknown) => boolean }) {
    this.#catalog = parts.catalog;
    this.#roots = parts.roots;
    this.#problems = parts.problems;
    this.#isOfLink = parts.isOfLink;
  }

  /** Runs `read` on an entry; one that cannot be read is listed as a problem and gives undefined. */
  reading<T>(place: Place, read: () => Soon<T>): Soon<T | undefined> {
    const refused = (error: unknown): undefined => {
      this.refuse(place, error);
    };
    try {
      const done = read();
      return done instanceof Promise ? done.catch(refused) : done;
    } catch (error) {
      refused(error);
      return undefined;
    }
  }

  /** An entry that cannot be read is listed and the others go on; what stops the connection is thrown on. Returns whether it is there. */
  refuse(place: Place, error: unknown): boolean {
    if (this.#isOfLink(error)) throw error;
    const path = this.#roots.absolute(place);
    const coded = error instanceof ReplicationError ? error : codedError(error, path);
    if (stopsConnection.has(coded.code)) throw error;
    const row = this.#catalog.lookup(place);
    if (row !== null) this.#catalog.doubt(row, 'nothing');
    // It went, or the folder around it did, or one of them is a link now: a notice tells where to, or of what.
    if (coded.code === 'not-found' || coded.code === 'not-a-folder' || coded.code === 'outside-root') return false;
    this.#problems.note(path, coded);
    return true;
  }

  /** Whether a folder above the entry is listed as unreadable. */
  isBelowUnreadable(place: Place): boolean {
    for (let path = place.path; path !== '';) {
      path = parentPath(path);
      if (this.#problems.has(this.#roots.absolute({ root: place.root, path }))) return true;
    }
    return false;
  }
}
