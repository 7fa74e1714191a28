import { chmodSync, closeSync, fdatasync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { CloneFacts, ConnectionSettings } from '../../../../api/index.ts';
import { describeError, makeFolders, ReplicationError, showName, toReplicationError } from '../../../../base/index.ts';
import { cloneOpenFile, native, statEntry, tryCloneIn, volumeSpace, volumeType } from '../../../fs/index.ts';
import { parentPath, STAGE_FOLDER, type AbsolutePath, type EntryStat, type Place } from '../../../model/index.ts';
import { mountsIn } from '../mount-identity.ts';
import type { Roots } from '../roots.ts';

const flushData = promisify(fdatasync);
/** A volume that gave no place for clones may give one later; it is asked again after this. */
const ASK_AGAIN_MS = 60_000;
const MOST_REFUSED = 1_000;
/** These share no blocks between files: nothing need be tried, or made, there. */
const SHARE_NOTHING = new Set(['ext4', 'tmpfs', 'f2fs', 'vfat', 'exfat', 'proc', 'sysfs']);

/** What became of asking a volume for clones. `notBeforeMs`: when it is worth asking again. */
type Answer =
  | { readonly kind: 'works'; readonly folder: AbsolutePath }
  | { readonly kind: 'impossible'; readonly why: string; readonly notBeforeMs: number };

/** The content that a file had when the clone was made; to be read from `fd` until it is closed. */
export interface Clone {
  readonly fd: number;
  close(): void;
}

export interface CloneVolumesParts {
  readonly roots: Roots;
  /** Names the folder: two connections may have their clones on one volume. */
  readonly connectionId: string;
  readonly settings: () => ConnectionSettings['clones'];
  readonly nowMs?: () => number;
}

/**
 * Clones of files of the source, each on the volume of its file. They have no names, so nothing is left of them, not even by a kill; they
 * need a folder all the same, which is made with the first clone: beside the root, or where that is another volume or not ours to write
 * to, at the top of the volume within the root. It bears the name that no capture, walk or rule sees. It stays empty.
 */
export class CloneVolumes {
  readonly #parts: CloneVolumesParts;
  readonly #nowMs: () => number;
  readonly #answers = new Map<bigint, Answer>();
  /** Files that cannot be cloned on a volume that can, such as those without copy-on-write on btrfs. */
  readonly #refused = new Set<string>();
  #liveBytes = 0;
  #made = 0;
  /** Why the last clone could not be made, if it could not. */
  #failure: string | null = null;

  constructor(parts: CloneVolumesParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? (() => performance.now());
  }

  /** Nothing is known that stands against a clone of this file. */
  mayClone(stat: EntryStat): boolean {
    if (!this.#parts.settings().isEnabled || this.#refused.has(keyOf(stat))) return false;
    const answer = this.#answers.get(stat.dev);
    return answer?.kind !== 'impossible' || this.#nowMs() >= answer.notBeforeMs;
  }

  /** As `clone`; what must be written out first is, while this thread goes on. */
  async cloneFlushed(place: Place, fd: number, stat: EntryStat): Promise<Clone> {
    await flushData(fd);
    return this.clone(place, fd, stat);
  }

  /** Throws coded errors, of which the facts tell; `disk-full` also when the volume would be too full if all of the file were rewritten meanwhile. */
  clone(place: Place, fd: number, stat: EntryStat): Clone {
    try {
      const clone = this.#clone(place, fd, stat);
      this.#failure = null;
      return clone;
    } catch (error) {
      const coded = toReplicationError(error);
      this.#failure = describeError(coded.code, coded.details).cause;
      throw coded;
    }
  }

  #clone(place: Place, fd: number, stat: EntryStat): Clone {
    const folder = this.#folderFor(place, stat.dev);
    this.#checkSpace(folder, stat.allocatedBytes);
    let clone: number;
    try {
      clone = cloneOpenFile(fd, folder);
    } catch (error) {
      const coded = toReplicationError(error);
      if (coded.code === 'not-found') this.#answers.delete(stat.dev); // somebody took our folder away
      if (coded.code === 'unsupported') {
        if (this.#refused.size >= MOST_REFUSED) this.#refused.clear();
        this.#refused.add(keyOf(stat));
      }
      throw coded;
    }
    this.#made++;
    this.#liveBytes += stat.allocatedBytes;
    return {
      fd: clone,
      close: () => {
        this.#liveBytes -= stat.allocatedBytes;
        closeSync(clone);
      },
    };
  }

  facts(): Pick<CloneFacts, 'state' | 'why' | 'made'> {
    const made = this.#made;
    if (!this.#parts.settings().isEnabled) return { state: 'off', why: 'switched off by clones.isEnabled', made };
    const answers = [...this.#answers.values()];
    const whys = [...new Set(answers.flatMap((answer) => (answer.kind === 'impossible' ? [answer.why] : [])))];
    if (answers.length === 0) return { state: 'untried', why: 'no file changed without rest so far', made };
    const state = whys.length === 0 ? 'works' : answers.length > whys.length ? 'partly' : 'impossible';
    const why = whys.length > 0 ? whys.join('; ') : this.#failure === null ? '' : `the last one failed: ${this.#failure}`;
    return { state, why, made };
  }

  /** Takes folders away that an earlier life left. */
  sweep(): void {
    for (const root of this.#parts.roots.paths) {
      const mounted = mountsIn(root).map(({ path }) => path);
      for (const base of [dirname(root), root, ...mounted]) removeIfEmpty(this.#folderIn(base));
    }
  }

  close(): void {
    for (const answer of this.#answers.values()) if (answer.kind === 'works') removeIfEmpty(answer.folder);
    this.#answers.clear();
  }

  #folderFor(place: Place, dev: bigint): AbsolutePath {
    let answer = this.#answers.get(dev);
    if (answer === undefined || (answer.kind === 'impossible' && this.#nowMs() >= answer.notBeforeMs)) {
      answer = this.#ask(place, dev);
      this.#answers.set(dev, answer);
    }
    if (answer.kind === 'impossible') throw new ReplicationError('unsupported', { text: answer.why });
    return answer.folder;
  }

  #ask(place: Place, dev: bigint): Answer {
    let why: ReplicationError | null = null;
    const fileSystem = volumeType(this.#parts.roots.absolute(place));
    if (SHARE_NOTHING.has(fileSystem))
      return { kind: 'impossible', why: `${fileSystem} cannot clone files`, notBeforeMs: Infinity };
    for (const base of this.#bases(place, dev)) {
      const folder = this.#folderIn(base);
      try {
        makeOwnFolder(folder, dev);
        tryCloneIn(folder);
        return { kind: 'works', folder };
      } catch (error) {
        why = toReplicationError(error);
        removeIfEmpty(folder);
      }
    }
    const isFinal = why?.code === 'unsupported';
    const text =
      why === null ? 'there is no place for clones on the volume' : `${reasonOf(why)} (${showName(this.#rootOf(place))})`;
    return { kind: 'impossible', why: text, notBeforeMs: isFinal ? Infinity : this.#nowMs() + ASK_AGAIN_MS };
  }

  /** Folders of the volume that could hold ours: outside of what is replicated, if there is one. */
  #bases(place: Place, dev: bigint): AbsolutePath[] {
    const root = this.#rootOf(place);
    let top: AbsolutePath | null = null;
    for (let path = place.path; path !== '';) {
      path = parentPath(path);
      const folder = this.#parts.roots.absolute({ root: place.root, path });
      if (deviceOf(folder) !== dev) break;
      top = folder;
    }
    const isRootTop = top === root || place.path === '';
    const beside = isRootTop && deviceOf(dirname(root)) === dev ? [dirname(root)] : [];
    return top === null ? beside : [...beside, top];
  }

  #folderIn(base: AbsolutePath): AbsolutePath {
    return `${base === '/' ? '' : base}/${STAGE_FOLDER}/${this.#parts.connectionId}`;
  }

  #rootOf(place: Place): AbsolutePath {
    return this.#parts.roots.paths[place.root] ?? '';
  }

  #checkSpace(folder: AbsolutePath, bytes: number): void {
    const { freeBytes, totalBytes } = volumeSpace(folder);
    const keepBytes = (totalBytes * this.#parts.settings().keepFreePercent) / 100;
    if (freeBytes - this.#liveBytes - bytes < keepBytes)
      throw new ReplicationError('disk-full', { path: showName(folder), text: 'too little is free for a clone' });
  }
}

function makeOwnFolder(folder: AbsolutePath, dev: bigint): void {
  makeFolders(native(folder), 0o700);
  const [stage, own] = [statEntry(dirname(folder)), statEntry(folder)];
  // A link there would lead elsewhere, and so would a volume that is mounted there.
  if (stage?.kind !== 'folder' || own?.kind !== 'folder' || own.dev !== dev)
    throw new ReplicationError('not-a-folder', { path: showName(folder) });
  chmodSync(native(folder), 0o700);
}

function removeIfEmpty(folder: AbsolutePath): void {
  try {
    rmdirSync(native(folder));
    rmdirSync(native(dirname(folder)));
  } catch {
    // Another connection has its own beside it, or nothing was made; the next life takes away what is empty then.
  }
}

/** The folder may be reached through a link: that is the administrator's choice. */
function deviceOf(folder: AbsolutePath): bigint | undefined {
  return statEntry(`${folder === '/' ? '' : folder}/.`)?.dev;
}

function reasonOf({ code, details }: ReplicationError): string {
  if (code === 'unsupported' || code === 'not-found') return 'the volume cannot clone files';
  return describeError(code, details).cause;
}

function keyOf({ dev, ino }: EntryStat): string {
  return `${dev}:${ino}`;
}
