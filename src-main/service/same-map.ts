import type { MapSpec } from '../api/index.ts';

/** Whether two maps send files to the same places: trailing separators do not count, nor does case where a drive letter leads. */
export function sameMap(a: MapSpec, b: MapSpec): boolean {
  return plainMap(a) === plainMap(b);
}

/** A map in words for messages. */
export function mapText(map: MapSpec): string {
  switch (map.kind) {
    case 'exact':
      return 'map exact';
    case 'base':
      return `map base ${map.base}`;
    case 'pairs':
      return `map ${map.pairs.map(({ from, to }) => `${from} to ${to}`).join(', ')}`;
  }
}

function plainMap(map: MapSpec): string {
  switch (map.kind) {
    case 'exact':
      return 'exact';
    case 'base':
      return `base ${plainPath(map.base)}`;
    case 'pairs':
      return map.pairs
        .map(({ from, to }) => JSON.stringify([plainPath(from), plainPath(to)]))
        .sort()
        .join();
  }
}

function plainPath(path: string): string {
  const trimmed = path.replace(/(?<=.)[\\/]+$/, '');
  return /^[a-zA-Z]:/.test(trimmed) ? trimmed.replaceAll('/', '\\').toLowerCase() : trimmed;
}
