import { FAN_DELETE, FAN_ONDIR, type ObjectKey } from './fanotify-events.ts';
import type { FolderNode } from './handle-tree.ts';

/** A name in a folder, wherever that folder is. */
export interface End {
  readonly folder: FolderNode;
  readonly name: string;
}

/**
 * Names that must be looked at because the order of what happened there is not known. `object`: what is at one of them, if that is known.
 * `isGoneTold`: that nothing is there was the last word anyway.
 */
export interface Unclear {
  readonly object: ObjectKey | null;
  readonly isFolder: boolean;
  readonly ends: readonly End[];
  readonly isGoneTold: boolean;
}

/**
 * Finds out where merged events hide the order. The kernel merges an event into an equal one that waits, of the same object under the
 * same name by the same process. So a rename away, back and away again is told as away and back; and a deletion may be told before the
 * renames that came between. Both can only be while all of them wait, so what is found is looked at when nothing waits any more.
 */
export class MergedEvents {
  readonly #renames = new Map<ObjectKey, { readonly isFolder: boolean; readonly ends: Map<string, End>; isUnclear: boolean }>();
  readonly #deleted = new Map<string, End>();
  readonly #targets = new Set<string>();

  /** Whether a rename of it was told of since the last `take`. */
  knows(object: ObjectKey): boolean {
    return this.#renames.has(object);
  }

  /** `mask` is all that the event says. */
  deleted(end: End, mask: number): void {
    if ((mask & ~(FAN_DELETE | FAN_ONDIR)) !== 0) this.#deleted.set(textOf(end), end);
  }

  renamed(object: ObjectKey, isFolder: boolean, from: End | null, to: End | null): void {
    let seen = this.#renames.get(object);
    if (seen === undefined) this.#renames.set(object, (seen = { isFolder, ends: new Map(), isUnclear: false }));
    else if (to !== null && seen.ends.has(textOf(to))) seen.isUnclear = true;
    if (to !== null) this.#targets.add(textOf(to));
    for (const end of [from, to]) if (end !== null) seen.ends.set(textOf(end), end);
  }

  /** What must be looked at now; nothing waits in the kernel that is older than this call. */
  take(): Unclear[] {
    const unclear: Unclear[] = [];
    for (const [object, { isFolder, ends, isUnclear }] of this.#renames)
      if (isUnclear) unclear.push({ object, isFolder, ends: [...ends.values()], isGoneTold: false });
    for (const [text, end] of this.#deleted)
      unclear.push({ object: null, isFolder: false, ends: [end], isGoneTold: !this.#targets.has(text) });
    this.#renames.clear();
    this.#deleted.clear();
    this.#targets.clear();
    return unclear;
  }
}

function textOf({ folder, name }: End): string {
  return `${folder.key}/${name}`;
}
