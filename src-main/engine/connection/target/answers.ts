import { Wake } from '../../../base/index.ts';
import { bytesToSign, expectSignature, listFolder, signFile, type ReplicaPaths } from '../../apply/index.ts';
import { tryVolume, type BlockHasher } from '../../fs/index.ts';
import type { AbsolutePath, Attributes } from '../../model/index.ts';
import { BLOCK_BYTES, type SourceMessage } from '../../wire/index.ts';
import type { Milestone } from './milestone.ts';
import type { TargetLink } from './target-link.ts';

/** To hash more than this takes long; a source's batch of small files stays below. */
const LONG_BYTES = 64 * 1024 * 1024;

export type Question = Extract<SourceMessage, { kind: 'get-signatures' | 'get-listing' | 'get-volumes' }>;

interface Asked {
  readonly question: Question;
  /** The last op that came before the question. */
  readonly sequence: number;
  readonly link: TargetLink;
}

/** Questions that are answered one after the other. */
interface Lane {
  readonly asked: Asked[];
  readonly wake: Wake;
}

/**
 * Answers what a source asks about the replica, each question when everything sent before it is applied. They are taken in the order in
 * which they came; one that takes long goes on in a lane of its own, in which such are answered in order, and those behind it pass.
 */
export class Answers {
  readonly #paths: ReplicaPaths;
  readonly #stageFolders: readonly AbsolutePath[];
  readonly #leaving: (attributes: Attributes) => Attributes;
  readonly #hasher: BlockHasher;
  readonly #committed: Milestone;
  readonly #onAnswered: () => void;
  readonly #soon: Lane = { asked: [], wake: new Wake() };
  readonly #long: Lane = { asked: [], wake: new Wake() };
  #unanswered = 0;

  /** `stageFolders`: one of our own folders on the volume of each root. */
  constructor(parts: {
    paths: ReplicaPaths;
    stageFolders: readonly AbsolutePath[];
    leaving: (attributes: Attributes) => Attributes;
    hasher: BlockHasher;
    committed: Milestone;
    onAnswered: () => void;
  }) {
    this.#stageFolders = parts.stageFolders;
    this.#onAnswered = parts.onAnswered;
    this.#leaving = parts.leaving;
    this.#paths = parts.paths;
    this.#hasher = parts.hasher;
    this.#committed = parts.committed;
  }

  /** Whether a question is waiting or being answered. */
  get isBusy(): boolean {
    return this.#unanswered > 0;
  }

  ask(question: Question, sequence: number, link: TargetLink): void {
    this.#unanswered++;
    if (question.kind === 'get-signatures') {
      for (const { root, path } of question.files) expectSignature(this.#paths, root, path);
    }
    add(this.#soon, { question, sequence, link });
  }

  /** Takes the questions, and answers those that do not take long. Works until `signal` aborts, which rejects. */
  async runSoon(signal: AbortSignal): Promise<void> {
    for (;;) {
      const asked = await next(this.#soon, signal);
      // Incomplete ops of a link that broke are dropped and their number is used again: nobody waits for the answer then.
      const { link, question, sequence } = asked;
      await this.#committed.whenReached(sequence, AbortSignal.any([signal, link.whenClosed])).catch(() => undefined);
      signal.throwIfAborted();
      // How large a file is, is known only now: it may have come with what was sent before the question.
      if (this.#takesLong(question)) add(this.#long, asked);
      else await this.#settle(asked, signal);
    }
  }

  /** Answers those that take long. Works until `signal` aborts, which rejects. */
  async runLong(signal: AbortSignal): Promise<void> {
    for (;;) await this.#settle(await next(this.#long, signal), signal);
  }

  #takesLong(question: Question): boolean {
    if (question.kind !== 'get-signatures') return false;
    return question.files.reduce((bytes, { root, path }) => bytes + bytesToSign(this.#paths, root, path), 0) > LONG_BYTES;
  }

  async #settle(asked: Asked, signal: AbortSignal): Promise<void> {
    const { link } = asked;
    if (link.isOpen) await this.#answer(asked, AbortSignal.any([signal, link.whenClosed]));
    await link.whenDrained();
    this.#unanswered--;
    this.#onAnswered();
  }

  /** Gives up in the middle when `signal` aborts. */
  async #answer({ question, link }: Asked, signal: AbortSignal): Promise<void> {
    const { requestId } = question;
    if (question.kind === 'get-listing') {
      link.send({
        kind: 'listing',
        requestId,
        entries: await listFolder(this.#paths, question.root, question.path, this.#leaving),
      });
      return;
    }
    if (question.kind === 'get-volumes') {
      link.send({ kind: 'volumes', requestId, roots: this.#stageFolders.map((folder) => tryVolume(folder)) });
      return;
    }
    const files: { size: number | null; blocks: number }[] = [];
    const hashes: Buffer[] = [];
    for (const { root, path } of question.files) {
      if (signal.aborted) return;
      const signature = await signFile(this.#paths, this.#hasher, root, path, signal);
      if (signature === null) return;
      files.push({ size: signature.size, blocks: signature.size === null ? 0 : Math.ceil(signature.size / BLOCK_BYTES) });
      hashes.push(signature.hashes);
    }
    link.send({ kind: 'signatures', requestId, files }, Buffer.concat(hashes));
  }
}

function add({ asked, wake }: Lane, one: Asked): void {
  asked.push(one);
  wake.signal();
}

async function next({ asked, wake }: Lane, signal: AbortSignal): Promise<Asked> {
  for (;;) {
    const first = asked.shift();
    if (first !== undefined) return first;
    await wake.wait(signal);
  }
}
