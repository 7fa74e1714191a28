import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { showName } from '../../base/index.ts';
import { typedText, type AbsolutePath } from '../model/index.ts';
import { walkTree } from './walk-tree.ts';

/** The walk lets others in after so long. */
const SLICE_MS = 5;

export interface DrawnSample {
  /** By their absolute raw paths. */
  readonly files: readonly { readonly path: AbsolutePath; readonly bytes: number }[];
  readonly population: { readonly files: number; readonly bytes: number };
  readonly unnameable: number;
  /** Entries that could not be looked at, or folders whose names could not be read. */
  readonly unreadable: number;
}

interface Ticket {
  readonly path: AbsolutePath;
  readonly bytes: number;
  readonly number: string;
}

/**
 * Draws `count` files below the folders at random: each gets the hash of the seed and its path as its number, and the smallest numbers win. So every
 * file is as likely as any other, the same seed draws the same of the same files, in whatever order they are found, and memory holds no more
 * than is drawn. What a rule could not name (wildcards, bytes that are no text) is counted and passed over.
 */
export async function drawSample(
  folders: readonly AbsolutePath[],
  seed: string,
  count: number,
  signal: AbortSignal,
): Promise<DrawnSample> {
  let drawn: Ticket[] = [];
  let files = 0;
  let bytes = 0;
  let unnameable = 0;
  let unreadable = 0;
  let sliceEndsAt = performance.now() + SLICE_MS;
  const smallest = () => drawn.sort((a, b) => (a.number < b.number ? -1 : 1)).slice(0, count);
  for (const folder of folders) {
    for (const { absolute, stat, error } of walkTree(folder, () => false)) {
      if (performance.now() > sliceEndsAt) {
        await setImmediate();
        signal.throwIfAborted();
        sliceEndsAt = performance.now() + SLICE_MS;
      }
      if (error !== null) unreadable++;
      if (stat?.kind !== 'file') continue;
      if (!isNameable(absolute)) {
        unnameable++;
        continue;
      }
      files++;
      bytes += stat.size;
      const number = createHash('sha256').update(seed).update('\0').update(absolute, 'latin1').digest('hex');
      drawn.push({ path: absolute, bytes: stat.size, number });
      if (drawn.length >= 4 * count + 64) drawn = smallest();
    }
  }
  const sample = smallest().map(({ path, bytes: size }) => ({ path, bytes: size }));
  return { files: sample.sort((a, b) => (a.path < b.path ? -1 : 1)), population: { files, bytes }, unnameable, unreadable };
}

/** Whether the text of a path means this very path when a rule has it. */
function isNameable(path: AbsolutePath): boolean {
  return !/[*?]/.test(path) && showName(path) === typedText(path);
}
