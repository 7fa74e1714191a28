import type { RelativePath } from './entry.ts';

/**
 * A place in a set: which root, and the path below it. Places are spread into ops, so nothing that has a kind of its own may pass for
 * one: an op in the place of a place once turned the ops that were made from it into others.
 */
export interface Place {
  /** Index into the connection's roots. */
  readonly root: number;
  readonly path: RelativePath;
  readonly kind?: never;
}

/** A place as a key of maps and sets. */
export function placeKey({ root, path }: Pick<Place, 'root' | 'path'>): string {
  return `${root}:${path}`;
}
