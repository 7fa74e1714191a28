import { rawName, ReplicationError } from '../../base/index.ts';
import type { AbsolutePath } from './entry.ts';

/** Drive letters (no colon) and the absolute folders they stand for, as text. */
export type VolumeTable = readonly { readonly name: string; readonly folder: string }[];

/** A path that a person typed, as this machine knows it. */
export interface UserPath {
  readonly absolute: AbsolutePath;
  /** The drive letter in upper case, or null for a path without one. */
  readonly volume: string | null;
  /** Raw path inside the volume (or below `/`), `/` between names, no leading slash; '' is the volume itself. */
  readonly inside: string;
}

const drivePath = /^([A-Za-z]):(.*)$/s;

/** Whether the text begins with a drive letter: only there is a backslash a separator; elsewhere it is a legal byte of a name. */
export function isDrivePath(text: string): boolean {
  return drivePath.test(text);
}

/**
 * Text as typed → a path of this machine: letters through `volumes`, `.`, `..`, doubled and trailing separators removed. `..` stops at
 * the top of the volume. Throws `bad-path` (relative, empty, NUL) and `volume-unknown`.
 */
export function resolveUserPath(text: string, volumes: VolumeTable): UserPath {
  if (text.includes('\0'))
    throw new ReplicationError('bad-path', { path: text.replaceAll('\0', '\\0'), text: 'a name cannot hold a zero byte' });
  const drive = drivePath.exec(text);
  if (drive === null) {
    if (!text.startsWith('/')) throw relative(text);
    const inside = normalise(rawName(text).split('/'));
    return { absolute: `/${inside}`, volume: null, inside };
  }
  const [, letter = '', rest = ''] = drive;
  // `c:data` would mean the current folder of drive C, which no service has.
  if (rest !== '' && !rest.startsWith('\\') && !rest.startsWith('/')) throw relative(text);
  const volume = letter.toUpperCase();
  const found = volumes.find(({ name }) => name.toUpperCase() === volume);
  if (found === undefined) throw new ReplicationError('volume-unknown', { volume, path: text });
  const inside = normalise(rawName(rest).split(/[\\/]/));
  const folder = normalise(rawName(found.folder).split('/'));
  return { absolute: `/${[folder, inside].filter((part) => part !== '').join('/')}`, volume, inside };
}

/** The exact text of a raw path that came from text; the inverse of `rawName`. For names read from a disk use `showName`. */
export function typedText(raw: string): string {
  return Buffer.from(raw, 'latin1').toString('utf8');
}

function relative(text: string): ReplicationError {
  return new ReplicationError('bad-path', { path: text, text: 'it is not absolute' });
}

function normalise(names: readonly string[]): string {
  const kept: string[] = [];
  for (const name of names) {
    if (name === '..') kept.pop();
    else if (name !== '' && name !== '.') kept.push(name);
  }
  return kept.join('/');
}
