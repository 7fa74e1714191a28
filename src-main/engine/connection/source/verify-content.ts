import { closeSync, constants, openSync } from 'node:fs';
import { ReplicationError, showName } from '../../../base/index.ts';
import { codedError, native, statFd } from '../../fs/index.ts';
import type { ByteRange, EntryStat, Place } from '../../model/index.ts';
import type { FileSignature } from '../../transmit/index.ts';
import type { BlockComparer } from './block-comparer.ts';
import type { Roots } from './roots.ts';
import type { VerifyQuestions } from './verify-questions.ts';

const BATCH_FILES = 128;
const BATCH_BYTES = 32 * 1024 * 1024;
/** So many reads of a file, then others work. */
const READS_BETWEEN_RESTS = 16;
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface ContentFile {
  readonly place: Place;
  readonly stat: EntryStat;
}

/** `null` bytes: the target has no file there that it can read. `isSteady` false: the source's file changed meanwhile. */
export interface ContentResult {
  readonly bytesOutOfSync: number | null;
  readonly isSteady: boolean;
  readonly error: ReplicationError | null;
}

/** Compares the content of files on both sides, block by block, in batches: while the target hashes one the source hashes another. */
export class VerifyContent {
  readonly #questions: VerifyQuestions;
  readonly #roots: Roots;
  readonly #comparer: BlockComparer;
  readonly #rest: () => Promise<void>;
  readonly #onResult: (file: ContentFile, result: ContentResult) => void;
  #gathering: ContentFile[] = [];
  #gatheredBytes = 0;
  #asked: { readonly files: readonly ContentFile[]; readonly answer: Promise<readonly (FileSignature | null)[]> } | null = null;

  constructor(parts: {
    readonly questions: VerifyQuestions;
    readonly roots: Roots;
    readonly comparer: BlockComparer;
    /** Awaited now and then: lets others work. */
    readonly rest: () => Promise<void>;
    readonly onResult: (file: ContentFile, result: ContentResult) => void;
  }) {
    this.#questions = parts.questions;
    this.#roots = parts.roots;
    this.#comparer = parts.comparer;
    this.#rest = parts.rest;
    this.#onResult = parts.onResult;
  }

  /** Results come in the order of the files, not before a batch is full or `finish` is called. */
  async add(file: ContentFile): Promise<void> {
    this.#gathering.push(file);
    this.#gatheredBytes += file.stat.size;
    if (this.#gathering.length >= BATCH_FILES || this.#gatheredBytes >= BATCH_BYTES) await this.#next();
  }

  /** Compares all that is left. */
  async finish(): Promise<void> {
    while (this.#gathering.length > 0 || this.#asked !== null) await this.#next();
  }

  /** Asks for the batch that was gathered, then compares the one before it. */
  async #next(): Promise<void> {
    const before = this.#asked;
    const files = this.#gathering;
    this.#gathering = [];
    this.#gatheredBytes = 0;
    this.#asked = null;
    if (files.length > 0) {
      const answer = this.#questions.signatures(files.map(({ place }) => place));
      answer.catch(() => undefined); // told to whoever takes it
      this.#asked = { files, answer };
    }
    if (before === null) return;
    const signatures = await before.answer;
    for (const [index, file] of before.files.entries())
      this.#onResult(file, await this.#compare(file, signatures[index] ?? null));
  }

  /** What differs in an open file. */
  async #ranges(fd: number, size: number, signature: FileSignature): Promise<readonly ByteRange[]> {
    const steps = this.#comparer.compare(fd, size, signature);
    for (let count = 1; ; count++) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (count % READS_BETWEEN_RESTS === 0) await this.#rest();
    }
  }

  async #compare({ place, stat }: ContentFile, signature: FileSignature | null): Promise<ContentResult> {
    if (signature === null) return { bytesOutOfSync: null, isSteady: true, error: null };
    const path = this.#roots.absolute(place);
    try {
      const fd = openSync(native(path), READ_FLAGS);
      try {
        const before = statFd(fd);
        if (before.ino !== stat.ino || before.dev !== stat.dev) throw new ReplicationError('not-found', { path: showName(path) });
        const ranges = await this.#ranges(fd, before.size, signature);
        const after = statFd(fd);
        const surplus = Math.max(0, signature.size - before.size);
        return {
          bytesOutOfSync: ranges.reduce((sum, { length }) => sum + length, surplus),
          isSteady: after.ctimeNs === stat.ctimeNs && after.size === stat.size,
          error: null,
        };
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      const coded = codedError(error, path);
      if (coded.code === 'internal') throw error; // a bug, or the end of the verification
      return { bytesOutOfSync: null, isSteady: true, error: coded };
    }
  }
}
