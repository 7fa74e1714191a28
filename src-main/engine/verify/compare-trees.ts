import { createHash } from 'node:crypto';
import { toReplicationError } from '../../base/index.ts';
import { hashExtended, readExtended, readFolder, readLink, statEntry } from '../fs/index.ts';
import type { AbsolutePath, EntryStat, ExtendedAttribute } from '../model/index.ts';
import { ContentComparer } from './same-content.ts';
import { Slices } from './slices.ts';

/** A source tree and the replica that shall equal it; absolute raw paths. */
export interface TreePair {
  readonly from: AbsolutePath;
  readonly to: AbsolutePath;
}

export interface CompareOptions {
  /** Reads and compares every byte; otherwise only what the disk says about each entry. */
  readonly bytes: boolean;
  /** Compare owner and group; off where a service without root rights could not set them. Default true. */
  readonly owners?: boolean;
  /** Compare extended attributes and ACLs; off where the target's volume has none. Default true. */
  readonly extended?: boolean;
  /** What belongs to the set; everything by default. What does not is neither missing nor extra. */
  readonly selects?: (path: AbsolutePath, isFolder: boolean) => boolean;
  /** Called after each slice of work, some hundred times a second. */
  readonly onProgress?: (progress: CompareProgress) => void;
  readonly signal?: AbortSignal;
}

export interface CompareProgress {
  readonly files: number;
  readonly folders: number;
  readonly symlinks: number;
  readonly bytes: number;
  readonly differences: number;
}

/** `what` names the property; `path` is the one on the source, raw. Values are for people; null where there is nothing. */
export interface Difference {
  readonly path: AbsolutePath;
  readonly what:
    | 'missing'
    | 'extra'
    | 'kind'
    | 'size'
    | 'modified'
    | 'mode'
    | 'owner'
    | 'extended attributes'
    | 'link text'
    | 'hard links'
    | 'content'
    | 'unreadable';
  readonly source: string | null;
  readonly target: string | null;
}

export interface Comparison extends CompareProgress {
  readonly isEqual: boolean;
  /** The first 1000; `differences` counts all. */
  readonly list: readonly Difference[];
  /** SHA-256 over every entry looked at and every difference: two runs over unchanged trees give the same. */
  readonly hash: string;
  readonly durationMs: number;
}

const MOST_LISTED = 1000;

/** Walks both trees together in byte order. Sockets, pipes and devices are not compared; a replica does not carry them. */
export async function compareTrees(pairs: readonly TreePair[], options: CompareOptions): Promise<Comparison> {
  const startMs = performance.now();
  const comparer = new Comparer(options);
  for (const { from, to } of pairs) await comparer.entry(from, to);
  return comparer.result(performance.now() - startMs);
}

class Comparer {
  readonly #options: CompareOptions;
  readonly #slices: Slices;
  readonly #content: ContentComparer;
  readonly #hash = createHash('sha256');
  readonly #list: Difference[] = [];
  /** Hard links: which source file stands for which target file, and back. Only files with more than one name are kept. */
  readonly #targetOf = new Map<string, string>();
  readonly #sourceOf = new Map<string, string>();
  readonly #counts = { files: 0, folders: 0, symlinks: 0, bytes: 0, differences: 0 };

  constructor(options: CompareOptions) {
    this.#options = options;
    this.#slices = new Slices(options.signal, () => options.onProgress?.({ ...this.#counts }));
    this.#content = new ContentComparer(this.#slices);
  }

  result(durationMs: number): Comparison {
    return {
      ...this.#counts,
      isEqual: this.#counts.differences === 0,
      list: this.#list,
      hash: this.#hash.digest('hex'),
      durationMs,
    };
  }

  async entry(from: AbsolutePath, to: AbsolutePath): Promise<void> {
    if (this.#slices.isOver) await this.#slices.rest();
    try {
      await this.#compare(from, to);
    } catch (error) {
      // An entry that cannot be read is a difference, not the end: the rest is still worth knowing.
      this.#options.signal?.throwIfAborted();
      const { code, details } = toReplicationError(error);
      if (code === 'internal') throw error;
      this.#differs(from, 'unreadable', details.path === undefined ? code : `${code}: ${String(details.path)}`, null);
    }
  }

  async #compare(from: AbsolutePath, to: AbsolutePath): Promise<void> {
    const a = this.#selected(from, statEntry(from));
    // What the set leaves out on the source may still lie on the target from another time; it is nobody's business here.
    const b = this.#selected(from, statEntry(to));
    if (a === null && b === null) return;
    if (a === null) {
      this.#differs(from, 'extra', null, b?.kind ?? null);
      return;
    }
    if (b === null) {
      this.#differs(from, 'missing', a.kind, null);
      return;
    }
    if (a.kind !== b.kind) {
      this.#differs(from, 'kind', a.kind, b.kind);
      return;
    }
    this.#hash.update(`${a.kind} ${a.size} ${a.mtimeNs} ${a.mode} ${from}\0`, 'latin1');
    this.#attributes(from, a, b);
    this.#extended(from, to);
    if (a.kind === 'folder') return this.#folder(from, to);
    if (a.kind === 'symlink') {
      this.#symlink(from, to);
      return;
    }
    await this.#file(from, to, a, b);
  }

  #selected(from: AbsolutePath, stat: EntryStat | null): EntryStat | null {
    if (stat === null || stat.kind === 'other') return null;
    return this.#options.selects?.(from, stat.kind === 'folder') === false ? null : stat;
  }

  #attributes(from: AbsolutePath, a: EntryStat, b: EntryStat): void {
    if (a.mtimeNs !== b.mtimeNs) this.#differs(from, 'modified', time(a.mtimeNs), time(b.mtimeNs));
    if (a.kind !== 'symlink' && a.mode !== b.mode) this.#differs(from, 'mode', a.mode.toString(8), b.mode.toString(8));
    if (this.#options.owners !== false && (a.uid !== b.uid || a.gid !== b.gid))
      this.#differs(from, 'owner', `${a.uid}:${a.gid}`, `${b.uid}:${b.gid}`);
  }

  #extended(from: AbsolutePath, to: AbsolutePath): void {
    if (this.#options.extended === false) return;
    const a = readExtended(from).list;
    const b = readExtended(to).list;
    if (hashExtended(a) === hashExtended(b)) return;
    const names = (list: readonly ExtendedAttribute[]) => list.map(({ name }) => name).join(', ') || 'none';
    this.#differs(from, 'extended attributes', names(a), names(b));
  }

  async #folder(from: AbsolutePath, to: AbsolutePath): Promise<void> {
    this.#counts.folders++;
    const names = readFolder(from);
    const others = readFolder(to);
    let j = 0;
    for (const name of names) {
      for (; others[j] !== undefined && (others[j] ?? '') < name; j++) await this.#below(from, to, others[j] ?? '');
      if (others[j] === name) j++;
      await this.#below(from, to, name);
    }
    for (; j < others.length; j++) await this.#below(from, to, others[j] ?? '');
  }

  #below(from: AbsolutePath, to: AbsolutePath, name: string): Promise<void> {
    return this.entry(from === '/' ? `/${name}` : `${from}/${name}`, to === '/' ? `/${name}` : `${to}/${name}`);
  }

  #symlink(from: AbsolutePath, to: AbsolutePath): void {
    this.#counts.symlinks++;
    const a = readLink(from);
    const b = readLink(to);
    if (a !== b) this.#differs(from, 'link text', a, b);
  }

  async #file(from: AbsolutePath, to: AbsolutePath, a: EntryStat, b: EntryStat): Promise<void> {
    this.#counts.files++;
    this.#hardLinks(from, a, b);
    if (a.size !== b.size) {
      this.#differs(from, 'size', String(a.size), String(b.size));
      return;
    }
    if (!this.#options.bytes) {
      this.#counts.bytes += a.size;
      return;
    }
    const at = await this.#content.firstDifference(from, to, (count) => (this.#counts.bytes += count));
    if (at !== null) this.#differs(from, 'content', `byte ${at}`, 'differs');
  }

  #hardLinks(from: AbsolutePath, a: EntryStat, b: EntryStat): void {
    if (a.nlink < 2 && b.nlink < 2) return;
    const source = `${a.dev}:${a.ino}`;
    const target = `${b.dev}:${b.ino}`;
    const expected = this.#targetOf.get(source);
    const other = this.#sourceOf.get(target);
    if ((expected ?? target) !== target) this.#differs(from, 'hard links', 'one file with another name', 'a file of its own');
    else if ((other ?? source) !== source) this.#differs(from, 'hard links', 'a file of its own', 'one file with another name');
    this.#targetOf.set(source, expected ?? target);
    this.#sourceOf.set(target, other ?? source);
  }

  #differs(path: AbsolutePath, what: Difference['what'], source: string | null, target: string | null): void {
    this.#counts.differences++;
    this.#hash.update(`! ${what} ${source ?? ''} ${target ?? ''} ${path}\0`, 'latin1');
    if (this.#list.length < MOST_LISTED) this.#list.push({ path, what, source, target });
  }
}

function time(ns: bigint): string {
  const seconds = ns / 1_000_000_000n;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}`;
}
