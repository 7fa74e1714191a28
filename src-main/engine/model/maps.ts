import type { MappedRoot, MapSpec } from '../../api/index.ts';
import { assertNever, rawName, ReplicationError } from '../../base/index.ts';
import { isWithin } from './entry.ts';
import type { CompiledRules, SetRoot } from './rules.ts';
import { isDrivePath, resolveUserPath, typedText, type VolumeTable } from './user-paths.ts';

/**
 * Where each root of a set arrives: `from` is absolute text on the source, `to` the target's path, still in volume form where it was
 * typed or mapped so. Throws `map-invalid` when a root has no place, or two roots would share one; `bad-path`, `volume-unknown`.
 */
export function resolveMap(rules: CompiledRules, map: MapSpec, sourceVolumes: VolumeTable): MappedRoot[] {
  const place = placing(map, sourceVolumes);
  const roots = rules.roots.map((root) => ({ from: typedText(root.absolute), to: place(root) }));
  for (const a of roots) {
    const clash = roots.find((b) => b !== a && isWithin(comparable(b.to), comparable(a.to)));
    if (clash !== undefined) throw invalid(`${a.from} and ${clash.from} would both arrive in ${a.to}`);
  }
  return roots;
}

/** A target path as typed → absolute text on the target. Throws `bad-path`, `volume-unknown`. */
export function resolveTargetPath(text: string, targetVolumes: VolumeTable): string {
  return typedText(resolveUserPath(text, targetVolumes).absolute);
}

/**
 * For a target on the same machine, all paths absolute: the first replica that would arrive inside the set (it would replicate itself
 * without end), on a source folder, or around one. Null when there is none. Symbolic links are not looked at.
 */
export function findLoop(roots: readonly MappedRoot[], selects: (path: string, isFolder: boolean) => boolean): MappedRoot | null {
  for (const { to } of roots) {
    const target = rawName(to);
    for (const { from } of roots) {
      const source = rawName(from);
      if (isWithin(source, target) || (isWithin(target, source) && selects(target, true))) return { from, to };
    }
  }
  return null;
}

function placing(map: MapSpec, volumes: VolumeTable): (root: SetRoot) => string {
  switch (map.kind) {
    case 'exact':
      return (root) => root.typed;
    case 'base': {
      checkTarget(map.base);
      return ({ volume, inside }) => join(map.base, [...(volume === null ? [] : [volume.toLowerCase()]), ...names(inside)]);
    }
    case 'pairs': {
      const pairs = map.pairs.map(({ from, to }) => {
        checkTarget(to);
        return { from: resolveUserPath(from, volumes).absolute, typed: from, to };
      });
      return ({ absolute, typed }) => {
        const inner = pairs.find(({ from }) => from !== absolute && isWithin(from, absolute));
        if (inner !== undefined) throw invalid(`${inner.typed} is only a part of ${typed}, which has to stay in one piece`);
        const covering = pairs
          .filter(({ from }) => isWithin(absolute, from))
          .toSorted((a, b) => b.from.length - a.from.length)[0];
        if (covering === undefined) throw invalid(`nothing says where ${typed} goes`);
        return join(covering.to, names(absolute.slice(covering.from.length)));
      };
    }
    default:
      return assertNever(map);
  }
}

function checkTarget(text: string): void {
  const isAbsolute = isDrivePath(text) ? text.length === 2 || /^[\\/]/.test(text.slice(2)) : text.startsWith('/');
  if (!isAbsolute) throw new ReplicationError('bad-path', { path: text, text: 'it is not absolute' });
}

function names(raw: string): string[] {
  return typedText(raw)
    .split('/')
    .filter((name) => name !== '');
}

/** Appends names in the manner of the base: with backslashes after a drive letter. */
function join(base: string, parts: readonly string[]): string {
  const separator = isDrivePath(base) ? '\\' : '/';
  const odd = separator === '\\' ? parts.find((name) => name.includes('\\')) : undefined;
  if (odd !== undefined) throw invalid(`the name ${odd} holds a backslash, which separates folders in ${base}`);
  const trimmed = separator === '\\' ? base.replace(/[\\/]+$/, '') : base.replace(/\/+$/, '');
  if (parts.length > 0) return [trimmed, ...parts].join(separator);
  if (trimmed === '') return '/';
  return trimmed.length === 2 && separator === '\\' ? `${trimmed}\\` : trimmed;
}

/** The form in which two target paths can be compared before the target has resolved its volumes. */
function comparable(to: string): string {
  const drive = isDrivePath(to) ? to.slice(0, 2).toLowerCase() : '';
  const path = drive === '' ? to : to.slice(2).replaceAll('\\', '/');
  const kept: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') kept.pop();
    else if (name !== '' && name !== '.') kept.push(name);
  }
  return `${drive}/${kept.join('/')}`.replace(/(?<=.)\/$/, '');
}

function invalid(text: string): ReplicationError {
  return new ReplicationError('map-invalid', { text });
}
