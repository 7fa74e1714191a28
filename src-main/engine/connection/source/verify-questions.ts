import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from '../../model/index.ts';
import type { FileSignature, Outbox, Requests } from '../../transmit/index.ts';
import type { ListedEntry } from '../../wire/index.ts';

const LOOK_MS = 100;

/**
 * A verification's questions to the target. They are answered when everything sent before them is applied. While there is no link they
 * wait; what was asked on a link that broke is asked again. They reject only when `signal` aborts.
 */
export class VerifyQuestions {
  readonly #requests: Requests;
  readonly #outbox: Outbox;
  readonly #signal: AbortSignal;

  constructor(requests: Requests, outbox: Outbox, signal: AbortSignal) {
    this.#requests = requests;
    this.#outbox = outbox;
    this.#signal = signal;
  }

  listing(folder: Place): Promise<readonly ListedEntry[] | null> {
    return this.#ask(() => this.#requests.listing(folder));
  }

  rootEntry(root: number): Promise<ListedEntry | null> {
    return this.#ask(() => this.#requests.rootEntry(root));
  }

  signatures(places: readonly Place[]): Promise<readonly (FileSignature | null)[]> {
    return places.length === 0 ? Promise.resolve([]) : this.#ask(() => this.#requests.signatures(places));
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    for (;;) {
      while (!this.#outbox.isOpen) await delay(LOOK_MS, undefined, { signal: this.#signal });
      this.#signal.throwIfAborted();
      try {
        return await this.#orAborted(question());
      } catch {
        // A question fails only with its link.
        this.#signal.throwIfAborted();
        await delay(LOOK_MS, undefined, { signal: this.#signal });
      }
    }
  }

  #orAborted<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(new Error('aborted'));
      this.#signal.addEventListener('abort', abort, { once: true });
      const over = () => this.#signal.removeEventListener('abort', abort);
      answer.then(resolve, reject).finally(over);
    });
  }
}
