import type { Place } from './place.ts';

/**
 * What a capture tells, in the kernel's order:
 * `touched`: something about the entry changed; `content` is false when only attributes did.
 * `appeared`: a folder came into being or moved into the set; watches below it are already set, so whoever reads the tree after
 *   receiving this misses nothing (later changes give notices of their own).
 * `disturbed`: what the set leaves out came to the folder or left it, which changed its time stamp and nothing else of it.
 * `gone`: the entry left its place: deleted, or with `isMoved` moved out of what is watched.
 * `renamed`: moved inside the set, data unchanged; `kind` tells whether a whole tree moved.
 * `overflow`: notices were lost; everything must be compared. Watches have been renewed before it is given.
 * `root-gone`: the root itself was deleted, moved away or unmounted; no `gone` follows from it.
 */
export type Notice =
  | { readonly kind: 'touched'; readonly place: Place; readonly content: boolean }
  | { readonly kind: 'appeared' | 'disturbed'; readonly place: Place }
  | { readonly kind: 'gone'; readonly place: Place; readonly isFolder: boolean; readonly isMoved?: boolean | undefined }
  | { readonly kind: 'renamed'; readonly from: Place; readonly to: Place; readonly isFolder: boolean }
  | { readonly kind: 'overflow' }
  | { readonly kind: 'root-gone'; readonly root: number };
