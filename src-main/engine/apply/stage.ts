import { closeSync, constants, ftruncateSync, openSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { invariant, makeFolders } from '../../base/index.ts';
import { codedError, errnoName, native } from '../fs/index.ts';
import type { AbsolutePath, Attributes } from '../model/index.ts';
import type { StreamEnd } from '../wire/index.ts';
import type { AttributeSetter } from './attribute-setter.ts';
import { unlinkIfThere, writeParts } from './disk-steps.ts';
import type { Flusher } from './flusher.ts';
import { PATCH_PREFIX_BYTES, patchPrefix } from './patch-file.ts';
import type { StagePlaces } from './stage-places.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Files of ops that follow each other wait in the same one of so many folders. To look for a name, and for room for one, the usual file systems
 * read blocks of folders from their beginning: with thousands of files in one, that was a sixth of a target's work, its replica's own folders included.
 */
const FOLDERS = 64;
const OPS_IN_FOLDER = 32;

interface OpenStream {
  readonly fd: number;
  readonly root: number;
  readonly path: AbsolutePath;
  readonly isPatch: boolean;
  /** Where the next patch goes; unused for whole files. */
  endOffset: number;
  bytes: number;
  isDirty: boolean;
}

/** A stream that became the data of an op. */
export interface EndedStream {
  readonly root: number;
  readonly isPatch: boolean;
  /** How much data it brought. */
  readonly bytes: number;
}

/**
 * Received data before they have their final name: one file per op, named by its sequence, on the volume where it will stay, in one of a few folders. A stream
 * has a name of its own until it ends for an op. Only its replica's thread touches the folder. What no queued op names is deleted at the
 * next opening.
 */
export class Stage {
  readonly #places: StagePlaces;
  readonly #flusher: Flusher;
  readonly #attributes: AttributeSetter;
  readonly #streams = new Map<number, OpenStream>();
  /** That are there, and will be on disk with the next flush. */
  readonly #made = new Set<AbsolutePath>();

  constructor(places: StagePlaces, flusher: Flusher, attributes: AttributeSetter) {
    this.#places = places;
    this.#flusher = flusher;
    this.#attributes = attributes;
  }

  /** The file that holds, or will hold, the data of an op. `suffix` for a second one of the same op. */
  pathOf(root: number, sequence: number, suffix = ''): AbsolutePath {
    const { folder } = this.#place(root);
    return `${folder}/part-${Math.floor(sequence / OPS_IN_FOLDER) % FOLDERS}/${sequence}${suffix}`;
  }

  /** Where an op that has no data makes what it then moves to its place. */
  temporaryOf(root: number, sequence: number): AbsolutePath {
    return `${this.#place(root).folder}/${sequence}.link`;
  }

  volumeOf(root: number): number {
    return this.#place(root).volume;
  }

  hasRoot(root: number): boolean {
    return root < this.#places.roots.length;
  }

  /** Writes a whole file, whose data come in parts, with its attributes. Throws a coded error and leaves nothing. */
  writeFile(sequence: number, root: number, parts: readonly Buffer[], attributes: Attributes): void {
    const path = this.#newPath(root, sequence);
    const fd = this.#create(path, attributes.mode, () => this.#newPath(root, sequence));
    try {
      writeParts(fd, parts, 0);
      this.#attributes.setNew(fd, path, attributes);
    } catch (error) {
      this.#undo(fd, path);
      throw codedError(error, path);
    }
    this.#flusher.wrote(this.volumeOf(root), fd, dirname(path));
  }

  openStream(id: number, root: number, isPatch: boolean): void {
    const path: AbsolutePath = `${this.#place(root).folder}/stream-${id}`;
    const fd = this.#create(path, 0o600, () => makeFolders(native(dirname(path)), 0o700));
    this.#streams.set(id, { fd, root, path, isPatch, endOffset: 0, bytes: 0, isDirty: false });
  }

  hasStream(id: number): boolean {
    return this.#streams.has(id);
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Adds data, which come in parts; returns how much. After a throw (coded) the same call can be repeated. */
  writeStream(id: number, offset: number, parts: readonly Buffer[]): number {
    const stream = this.#stream(id);
    let length = 0;
    for (const part of parts) length += part.length;
    try {
      if (stream.isPatch) {
        writeParts(stream.fd, [patchPrefix(offset, length), ...parts], stream.endOffset);
        stream.endOffset += PATCH_PREFIX_BYTES + length;
      } else {
        writeParts(stream.fd, parts, offset);
      }
    } catch (error) {
      throw codedError(error, stream.path);
    }
    stream.bytes += length;
    stream.isDirty = true;
    return length;
  }

  /**
   * The stream is complete and is what op `sequence` brings: a whole file gets its size and attributes, a patch waits for its base. After a
   * throw (coded) the same call can be repeated.
   */
  endStream(id: number, sequence: number, end: Pick<StreamEnd, 'size' | 'attributes'>): EndedStream {
    const stream = this.#stream(id);
    const path = this.#newPath(stream.root, sequence);
    try {
      if (!stream.isPatch) {
        ftruncateSync(stream.fd, end.size);
        this.#attributes.setOpen(stream.fd, stream.path, end.attributes);
      }
      this.#move(stream.path, stream.root, sequence);
    } catch (error) {
      throw codedError(error, stream.path);
    }
    this.#streams.delete(id);
    this.#flusher.wrote(this.volumeOf(stream.root), stream.fd, dirname(path));
    return { root: stream.root, isPatch: stream.isPatch, bytes: stream.bytes };
  }

  dropStream(id: number): void {
    const stream = this.#stream(id);
    this.#streams.delete(id);
    this.#flusher.close(stream.fd);
    unlinkIfThere(stream.path);
  }

  /** Deletes what an op left here; nothing there is fine. */
  discard(root: number, sequence: number): void {
    if (this.hasRoot(root)) unlinkIfThere(this.pathOf(root, sequence));
  }

  /** Open streams with data since the last call; their file descriptors, for a flush of what has come so far. */
  takeDirtyStreams(): number[] {
    const fds: number[] = [];
    for (const stream of this.#streams.values()) {
      if (!stream.isDirty) continue;
      stream.isDirty = false;
      fds.push(stream.fd);
    }
    return fds;
  }

  /**
   * At opening: deletes what a killed process left for ops that are not in the queue (they come again) or applied already. What is applied
   * may be a patch that was written in place: it stays until the volume is flushed. What an older version received lies in no folder of its own.
   */
  clean(appliedSequence: number, receivedSequence: number): void {
    for (const { folder, volume } of new Map(this.#places.roots.map((place) => [place.folder, place])).values()) {
      const root = this.#places.roots.findIndex((place) => place.folder === folder);
      for (const path of filesIn(folder)) {
        const name = basename(path);
        const sequence = /^\d+$/.test(name) ? Number(name) : NaN;
        if (sequence > appliedSequence && sequence <= receivedSequence) {
          if (dirname(path) === folder) this.#takeOver(path, root, sequence);
          continue;
        }
        if (sequence <= appliedSequence) {
          this.#flusher.wroteMuch(volume);
          this.#flusher.whenFlushed(() => unlinkIfThere(path));
        } else unlinkIfThere(path);
      }
    }
  }

  #takeOver(path: AbsolutePath, root: number, sequence: number): void {
    try {
      this.#move(path, root, sequence);
    } catch (error) {
      throw codedError(error, path);
    }
    this.#flusher.wroteMuch(this.volumeOf(root));
  }

  /** The link that they came over is gone. */
  dropStreams(): void {
    for (const id of [...this.#streams.keys()]) this.dropStream(id);
  }

  /** Closes; what is staged for an op stays for the next opening. */
  close(): void {
    this.dropStreams();
    this.#flusher.abandon();
  }

  /**
   * The replica is released: the folders go if nothing is in them. So do those above the roots that this opening made: a connection that is
   * refused leaves nothing behind, least of all inside the data that it was refused for.
   */
  remove(): void {
    for (const { folder } of this.#places.roots) removeEmpty(() => [...foldersIn(folder), folder, dirname(folder)]);
    for (const folder of this.#places.made) removeEmpty(() => [folder]);
  }

  /** As `pathOf`; the folder is there, and its name is flushed with what comes into it. */
  #newPath(root: number, sequence: number): AbsolutePath {
    const path = this.pathOf(root, sequence);
    const folder = dirname(path);
    if (this.#made.has(folder)) return path;
    try {
      makeFolders(native(folder), 0o700);
    } catch (error) {
      throw codedError(error, folder);
    }
    this.#flusher.changed(this.volumeOf(root), dirname(folder));
    this.#made.add(folder);
    return path;
  }

  /** Moves a file to where the data of an op are looked for, also if somebody removed the folder by hand. */
  #move(from: AbsolutePath, root: number, sequence: number): void {
    const to = this.#newPath(root, sequence);
    try {
      renameSync(native(from), native(to));
    } catch (error) {
      if (errnoName(error) !== 'ENOENT') throw error;
      this.#made.delete(dirname(to));
      renameSync(native(from), native(this.#newPath(root, sequence)));
    }
  }

  #create(path: AbsolutePath, mode: number, makeFolder: () => void): number {
    try {
      return openSync(native(path), CREATE, mode);
    } catch (error) {
      const coded = codedError(error, path);
      // Left by a link that broke, or somebody cleaned up by hand: both can be put right, and the second try tells what cannot.
      if (coded.code === 'already-exists') unlinkIfThere(path);
      else if (coded.code === 'not-found') {
        this.#made.delete(dirname(path));
        makeFolder();
      } else throw coded;
      try {
        return openSync(native(path), CREATE, mode);
      } catch (again) {
        throw codedError(again, path);
      }
    }
  }

  #undo(fd: number, path: AbsolutePath): void {
    closeSync(fd);
    unlinkIfThere(path);
  }

  #stream(id: number): OpenStream {
    const stream = this.#streams.get(id);
    invariant(stream !== undefined, 'data are staged only for a stream that is open');
    return stream;
  }

  #place(root: number): { readonly folder: AbsolutePath; readonly volume: number } {
    const place = this.#places.roots[root];
    invariant(place !== undefined, 'data are staged only for a root of the replica');
    return place;
  }
}

function foldersIn(folder: AbsolutePath): AbsolutePath[] {
  const entries = readdirSync(native(folder), { withFileTypes: true, encoding: 'latin1' });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }): AbsolutePath => `${folder}/${name}`);
}

/** Of a stage: those of streams that broke off, and those of ops. */
function filesIn(folder: AbsolutePath): AbsolutePath[] {
  return [folder, ...foldersIn(folder)].flatMap((path) =>
    readdirSync(native(path), { withFileTypes: true, encoding: 'latin1' })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }): AbsolutePath => `${path}/${name}`),
  );
}

/** In this order, up to the first that stays. */
function removeEmpty(folders: () => readonly AbsolutePath[]): void {
  try {
    for (const folder of folders()) rmdirSync(native(folder));
  } catch {
    // It holds the replica, other replicas stage in it, or several roots share it and it is gone already.
  }
}
