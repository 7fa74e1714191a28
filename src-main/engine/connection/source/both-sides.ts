import { readFolder } from '../../fs/index.ts';
import type { Sides } from '../../verify/index.ts';
import type { SourceStages } from './assemble-source.ts';
import type { VerifyQuestions } from './verify-questions.ts';

/**
 * Disk and target as a verification and a plan walk them, side by side. With `orphans` they look into all that only the target has; else only
 * into what the catalog knows, whose removal is on its way. The search for orphans has a walk of its own: it tells the target, in the
 * stream of ops, of what is in a folder before the folder, and begins anew with each link.
 */
export function bothSides(
  { catalog, roots, tree }: Pick<SourceStages, 'catalog' | 'roots' | 'tree'>,
  questions: VerifyQuestions,
  orphans: boolean,
): Sides {
  return {
    names: (folder) => readFolder(roots.absolute(folder)),
    see: (place) => tree.see(place),
    selects: (place, isFolder) => tree.selects(place, isFolder),
    listing: (folder) => questions.listing(folder),
    entersExtra: (place) => orphans || catalog.lookup(place) !== null,
  };
}
