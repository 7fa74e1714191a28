import type { Place } from '../../model/index.ts';
import { childPath } from '../../model/index.ts';
import type { Requests } from '../../transmit/index.ts';
import type { ListedEntry } from '../../wire/index.ts';

/** Questions on the way at once. */
const MOST_ASKED = 16;
/** Answers kept until the walk comes for them. */
const MOST_KEPT = 64;

type Listing = readonly ListedEntry[] | null;

/** The target's folders in the order in which a walk needs them, asked for ahead so that no answer is waited for twice. */
export class Listings {
  readonly #requests: Requests;
  readonly #answers = new Map<string, Promise<Listing>>();
  readonly #ahead: Place[] = [];
  #asked = 0;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  get(place: Place): Promise<Listing> {
    const key = `${place.root}:${place.path}`;
    const answer = this.#answers.get(key) ?? this.#ask(place);
    this.#answers.delete(key);
    this.#askAhead();
    return answer;
  }

  /** The link went: nothing that was asked will be answered. */
  reset(): void {
    this.#answers.clear();
    this.#ahead.length = 0;
    this.#asked = 0;
  }

  #ask(place: Place): Promise<Listing> {
    this.#asked++;
    const answer = this.#requests.listing(place).then((entries) => {
      this.#asked--;
      // Deepest first, in order of names: a walk goes down before it goes on.
      const folders = (entries ?? []).filter((entry) => entry.kind === 'folder').map((entry) => entry.name);
      for (const name of folders.reverse()) this.#ahead.push({ root: place.root, path: childPath(place.path, name) });
      this.#askAhead();
      return entries;
    });
    answer.catch(() => undefined); // whoever takes it hears of the failure
    return answer;
  }

  #askAhead(): void {
    while (this.#asked < MOST_ASKED && this.#answers.size < MOST_KEPT) {
      const place = this.#ahead.pop();
      if (place === undefined) return;
      const key = `${place.root}:${place.path}`;
      if (!this.#answers.has(key)) this.#answers.set(key, this.#ask(place));
    }
  }
}
