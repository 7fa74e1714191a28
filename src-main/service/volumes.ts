import { resolve } from 'node:path';
import { ReplicationError } from '../base/index.ts';
import type { Volume } from '../engine/connection/index.ts';

/** Reads `C=/srv/c` (a colon after the letter is allowed; a relative folder is taken from the working folder). Throws `bad-input`. */
export function parseVolume(text: string): Volume {
  const match = /^([a-zA-Z]):?=(.+)$/.exec(text);
  const [, letter, folder] = match ?? [];
  if (letter === undefined || folder === undefined) {
    throw new ReplicationError('bad-input', { text: `“${text}” is not a volume of the form C=FOLDER` });
  }
  return { name: letter.toUpperCase(), folder: resolve(folder) };
}

/** Stored volumes with those of the command line in their place; by letter. */
export function mergeVolumes(stored: readonly Volume[], given: readonly Volume[]): readonly Volume[] {
  const byName = new Map([...stored, ...given].map((volume) => [volume.name, volume]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
