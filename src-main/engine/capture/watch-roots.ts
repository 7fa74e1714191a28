import { statEntry } from '../fs/index.ts';
import { lastName, type AbsolutePath } from '../model/index.ts';

/** What a top folder that is watched stands for: a root, or roots that are files in it, by their names. */
export type RootAnchor =
  { readonly kind: 'folder'; readonly root: number } | { readonly kind: 'files'; readonly roots: ReadonlyMap<string, number> };

/** A root that cannot be watched. */
export interface MissingRoot {
  readonly root: number;
  readonly path: AbsolutePath;
  readonly code: 'not-found' | 'permission-denied';
}

/** Watches one folder for all roots that need it: a root that is a folder itself, the folder around roots that are files. Returns those that cannot be. */
export function watchRoots(
  roots: readonly AbsolutePath[],
  isGone: (root: number) => boolean,
  watch: (path: AbsolutePath, anchor: RootAnchor) => 'watched' | 'absent' | 'denied',
): MissingRoot[] {
  const missing: MissingRoot[] = [];
  const watchFor = (path: AbsolutePath, anchor: RootAnchor): void => {
    const outcome = watch(path, anchor);
    if (outcome === 'watched') return;
    const code = outcome === 'denied' ? 'permission-denied' : 'not-found';
    for (const root of rootsOf(anchor)) missing.push({ root, path, code });
  };
  const filesIn = new Map<AbsolutePath, Map<string, number>>();
  for (const [root, path] of roots.entries()) {
    if (isGone(root)) continue;
    const kind = statEntry(path)?.kind;
    if (kind === undefined) missing.push({ root, path, code: 'not-found' });
    else if (kind === 'folder') watchFor(path, { kind: 'folder', root });
    else {
      const folder = path.slice(0, path.lastIndexOf('/')) || '/';
      filesIn.set(folder, (filesIn.get(folder) ?? new Map<string, number>()).set(lastName(path), root));
    }
  }
  for (const [path, files] of filesIn) watchFor(path, { kind: 'files', roots: files });
  return missing;
}

/** The roots that a followed folder stands for: itself, or files in it. */
export function rootsOf(anchor: RootAnchor | null): readonly number[] {
  if (anchor === null) return [];
  return anchor.kind === 'folder' ? [anchor.root] : [...anchor.roots.values()];
}
