import { childPath, lastName, parentPath, placeKey, type Place } from '../../model/index.ts';
import type { NewOp, Requests } from '../../transmit/index.ts';
import type { ListedEntry } from '../../wire/index.ts';
import { FolderListing, type Alteration } from './folder-listing.ts';

/** Questions on the way at once. */
const MOST_ASKED = 16;
/** Answers kept until the walk comes for them. */
const MOST_KEPT = 64;

/**
 * The target's folders in the order in which a walk needs them, asked for ahead so that no answer is waited for twice. Each is kept true by
 * the ops that are pushed after its question, until `left`.
 */
export class Listings {
  readonly #requests: Requests;
  /** Asked for, and not fetched yet. */
  readonly #answers = new Map<string, Promise<FolderListing>>();
  /** All that somebody may still look into. */
  readonly #live = new Map<string, { readonly folder: Place; listing: FolderListing }>();
  readonly #ahead: Place[] = [];
  #asked = 0;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  get(folder: Place): Promise<FolderListing> {
    const key = placeKey(folder);
    const answer = this.#answers.get(key) ?? this.#ask(folder);
    this.#answers.delete(key);
    this.#askAhead();
    return answer;
  }

  /** The listing of that folder is not needed any more. */
  left(folder: Place): void {
    this.#live.delete(placeKey(folder));
  }

  /** An op was pushed. Who looks into a listing while others send has to tell of each. */
  pushed(op: NewOp): void {
    if (this.#live.size === 0 || !('path' in op)) return;
    const place: Place = { root: op.root, path: op.path };
    this.#altered(place, alterationBy(op));
    if (op.kind === 'rename') {
      const from: Place = { root: op.fromRoot, path: op.from };
      this.#altered(from, 'replaced');
      this.#folderReplaced(from);
      this.#folderReplaced(place);
    } else if (op.kind === 'remove' && op.entry === 'folder') this.#folderReplaced(place);
  }

  /** The link went: nothing that was asked will be answered. */
  reset(): void {
    for (const key of this.#answers.keys()) this.#live.delete(key);
    this.#answers.clear();
    this.#ahead.length = 0;
    this.#asked = 0;
  }

  #altered({ root, path }: Place, what: Alteration): void {
    if (path !== '') this.#live.get(placeKey({ root, path: parentPath(path) }))?.listing.altered(lastName(path), what);
  }

  #folderReplaced({ root, path }: Place): void {
    for (const { folder, listing } of this.#live.values()) {
      if (folder.root === root && (folder.path === path || folder.path.startsWith(`${path}/`))) listing.replaced();
    }
  }

  #ask(folder: Place): Promise<FolderListing> {
    this.#asked++;
    const answer = this.#answered(folder).then(({ listing, entries }) => {
      this.#asked--;
      // Deepest first, in order of names: a walk goes down before it goes on.
      const folders = entries.filter((entry) => entry.kind === 'folder').map((entry) => entry.name);
      for (const name of folders.reverse()) this.#ahead.push({ root: folder.root, path: childPath(folder.path, name) });
      this.#askAhead();
      return listing;
    });
    answer.catch(() => undefined); // whoever takes it hears of the failure
    return answer;
  }

  async #answered(folder: Place): Promise<{ listing: FolderListing; entries: readonly ListedEntry[] }> {
    const live = { folder, listing: new FolderListing() };
    this.#live.set(placeKey(folder), live);
    for (;;) {
      const entries = (await this.#requests.listing(folder)) ?? [];
      if (live.listing.answered(entries)) return { listing: live.listing, entries };
      live.listing = new FolderListing();
    }
  }

  #askAhead(): void {
    while (this.#asked < MOST_ASKED && this.#answers.size < MOST_KEPT) {
      const folder = this.#ahead.pop();
      if (folder === undefined) return;
      const key = placeKey(folder);
      if (!this.#live.has(key)) this.#answers.set(key, this.#ask(folder));
    }
  }
}

/** Content and attributes come to the entry that is there, or the catalog tells that this mirror sent it; after any other op another is there, or none. */
function alterationBy({ kind }: NewOp): Alteration {
  switch (kind) {
    case 'attributes':
    case 'folder':
    case 'patch-stream':
    case 'write':
    case 'write-stream':
      return 'altered';
    default:
      return 'replaced';
  }
}
