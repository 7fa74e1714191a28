import { invariant, ReplicationError } from '../../base/index.ts';
import type { Place, VolumeTraits } from '../model/index.ts';
import type { ListedEntry, SourceMessage, TargetMessage } from '../wire/index.ts';

/** What a target's file is made of: null when there is none. */
export interface FileSignature {
  readonly size: number;
  /** 16 bytes a block. */
  readonly hashes: Uint8Array;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Questions to the target that are answered after every op sent before them. All fail with `link-lost` when the link goes. */
export class Requests {
  readonly #send: (message: SourceMessage) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  /** Why nothing can be asked now. */
  #failure: ReplicationError | null = null;
  /** The target is held: it answers only when the hold is over, so whoever must not wait does not ask. */
  isTargetHeld = false;

  constructor(send: (message: SourceMessage) => void) {
    this.#send = send;
  }

  /** What is in a folder; null when there is no such folder. */
  async listing(place: Place): Promise<readonly ListedEntry[] | null> {
    const entries = await this.#entries(place);
    return entries?.some(isRoot) === true ? null : entries;
  }

  /** A root that is no folder; null when it is one, or is not there. */
  async rootEntry(root: number): Promise<ListedEntry | null> {
    const entries = await this.#entries({ root, path: '' });
    return entries?.length === 1 ? (entries.find(isRoot) ?? null) : null;
  }

  /** What the volumes of all roots can hold. */
  volumes(): Promise<readonly VolumeTraits[]> {
    return this.#ask((requestId) => ({ kind: 'get-volumes', requestId }));
  }

  signatures(places: readonly Place[]): Promise<readonly (FileSignature | null)[]> {
    return this.#ask((requestId) => ({
      kind: 'get-signatures',
      requestId,
      files: places.map(({ root, path }) => ({ root, path })),
    }));
  }

  /** Takes an answer; false when the message is not one. */
  handle(message: TargetMessage, payload: Uint8Array): boolean {
    if (message.kind === 'listing') {
      this.#take(message.requestId).resolve(message.entries);
      return true;
    }
    if (message.kind === 'volumes') {
      this.#take(message.requestId).resolve(message.roots);
      return true;
    }
    if (message.kind === 'signatures') {
      let at = 0;
      const files = message.files.map(({ size, blocks }) => {
        // The payload belongs to the decoder; a copy outlives the call.
        const hashes = Uint8Array.from(payload.subarray(at, (at += blocks * 16)));
        return size === null ? null : { size, hashes };
      });
      this.#take(message.requestId).resolve(files);
      return true;
    }
    return false;
  }

  /** A fresh link is up. */
  open(): void {
    this.#failure = null;
  }

  /** The link went; so does every question until `open`, for nobody would end the wait for its answer. */
  fail(error: ReplicationError): void {
    this.#failure = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  #entries({ root, path }: Place): Promise<readonly ListedEntry[] | null> {
    return this.#ask((requestId) => ({ kind: 'get-listing', requestId, root, path }));
  }

  #take(requestId: number): Waiting {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) throw new ReplicationError('protocol-error', { text: `an answer to no question: ${requestId}` });
    this.#waiting.delete(requestId);
    return waiting;
  }

  #ask<T>(message: (requestId: number) => SourceMessage): Promise<T> {
    if (this.#failure !== null) {
      const refusal = Promise.reject<T>(this.#failure);
      refusal.catch(() => undefined);
      return refusal;
    }
    const requestId = this.#nextId++;
    invariant(!this.#waiting.has(requestId), 'request ids are not used twice');
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(requestId, { resolve, reject }));
    // Whoever asked ahead may have gone by the time the link fails; the failure reaches everyone else through the loop.
    answer.catch(() => undefined);
    this.#send(message(requestId));
    return answer as Promise<T>;
  }
}

/** It alone has no name of its own. */
function isRoot({ name }: ListedEntry): boolean {
  return name === '';
}
