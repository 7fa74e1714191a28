import type { MappedRoot, MapSpec, ReplicaSnapshot, RestoreChoice, SetRule } from '../../api/index.ts';
import { rawName, ReplicationError } from '../../base/index.ts';
import { isWithin, resolveTargetPath, type Volume } from '../../engine/connection/index.ts';

/** A choice as rules and a map that a connection can carry out. */
export interface ResolvedChoice {
  /** What is restored, for people. */
  readonly name: string;
  readonly rules: readonly SetRule[];
  readonly map: MapSpec;
  /** The trees that it is taken from: where they lie here, and by which paths people call them. */
  readonly trees: readonly MappedRoot[];
}

/**
 * Turns a choice round: what lies in a replica goes by its path on the source, and returns there or below a folder. Throws
 * `unknown-connection`, `bad-input` for a path that is not in it, `bad-path`.
 */
export function resolveChoice(
  { from, paths, to }: RestoreChoice,
  replicas: readonly ReplicaSnapshot[],
  volumes: readonly Volume[],
): ResolvedChoice {
  const { name, trees } = treesOf(from, replicas, volumes);
  const chosen = paths.length === 0 ? trees.map((tree) => tree.to) : paths.map((path) => placeOf(path, trees, volumes));
  for (const path of chosen) refuseWildcard(path);
  const rules = chosen.map((path): SetRule => ({ path, verdict: 'include', recursive: true }));
  const pairs = trees.map((tree) => ({ from: tree.to, to: arrival(tree, from, to) }));
  return { name, rules, map: { kind: 'pairs', pairs }, trees };
}

/**
 * Of each root of a resolved choice: how many names at its end lie in the tree that it is taken from, and how many at the end of where it arrives lie in the place
 * that was named for that.
 */
export function namesInside(
  roots: readonly MappedRoot[],
  { from, to }: RestoreChoice,
  trees: readonly MappedRoot[],
): readonly { readonly here: number; readonly there: number }[] {
  return roots.map((root) => {
    const raw = rawName(root.from);
    const tree = trees.find((one) => isWithin(raw, rawName(one.to)));
    const here = countNames(root.from) - countNames(tree?.to ?? root.from);
    return { here, there: here + (from.kind === 'replica' && to.kind === 'folder' ? countNames(tree?.from ?? '') : 0) };
  });
}

function countNames(path: string): number {
  return path.split('/').filter((name) => name !== '').length;
}

/** The trees of a replica or folder. `from` of a tree: its path on the source; of a folder its own. */
export function treesOf(
  from: RestoreChoice['from'],
  replicas: readonly ReplicaSnapshot[],
  volumes: readonly Volume[],
): Pick<ResolvedChoice, 'name' | 'trees'> {
  if (from.kind === 'folder') {
    const path = resolveTargetPath(from.path, volumes);
    return { name: path, trees: [{ from: path, to: path }] };
  }
  const replica = replicas.find(({ connectionId }) => connectionId === from.connectionId);
  if (replica === undefined) throw new ReplicationError('unknown-connection', { connection: from.connectionId });
  return { name: `“${replica.setName}” from ${replica.sourceName}`, trees: replica.roots };
}

/** Where a path that a person typed lies here; people may know it by its place on the source, or by the one in the replica. */
export function placeOf(typed: string, trees: readonly MappedRoot[], volumes: readonly Volume[]): string {
  const path = resolveTargetPath(typed, volumes);
  const raw = rawName(path);
  const onSource = trees.find(({ from }) => isWithin(raw, rawName(from)));
  if (onSource !== undefined) return moved(path, onSource.from, onSource.to);
  if (trees.some(({ to }) => isWithin(raw, rawName(to)))) return path;
  const known = trees.map(({ from }) => from).join(', ');
  throw new ReplicationError('bad-input', { text: `${path} is not in what is restored, which holds ${known}` });
}

/** The path below `to` that `path` has below `from`. */
export function moved(path: string, from: string, to: string): string {
  const inside = path.slice(from === '/' ? 1 : from.length + 1);
  return inside === '' ? to : `${to === '/' ? '' : to}/${inside}`;
}

function arrival(tree: MappedRoot, from: RestoreChoice['from'], to: RestoreChoice['to']): string {
  if (to.kind === 'folder') return from.kind === 'folder' ? to.path : below(to.path, tree.from);
  if (from.kind === 'replica') return tree.from;
  throw new ReplicationError('bad-input', {
    text: 'nobody knows where the content of a folder came from: say in which folder it is to arrive',
  });
}

/** Below a folder as it was typed, which may have a drive letter of its own server. */
function below(folder: string, path: string): string {
  const isDrive = /^[A-Za-z]:/.test(folder);
  const separator = isDrive ? '\\' : '/';
  return folder.replace(/[\\/]+$/, '') + separator + path.slice(1).split('/').join(separator);
}

/** A rule would mean others too, and begin at the folder around them, which was not chosen. */
function refuseWildcard(path: string): void {
  if (!/[*?]/.test(path)) return;
  throw new ReplicationError('bad-input', {
    text: `“${path}” holds a wildcard: choose files and folders by their own names, or the folder around them`,
  });
}
