import { closeSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Random } from '../support/property/random.ts';

const PER_FOLDER = 500;
/** Making a tree takes minutes at times. Services that hear nothing of the bench for half a minute take it for dead: it listens after so many files or MiB. */
const BETWEEN_TURNS = 500;

/** `count` files of `bytes` random bytes in folders of 500; returns the path of the last one in walking order. */
export async function makeFiles(root: string, count: number, bytes: number): Promise<string> {
  await rm(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const content = new Random(1).bytes(bytes + 8192);
  let last = '';
  for (let i = 0; i < count; i++) {
    if (i % BETWEEN_TURNS === 0) await nextTurn();
    const folder = `d${String(Math.floor(i / PER_FOLDER)).padStart(4, '0')}`;
    if (i % PER_FOLDER === 0) mkdirSync(`${root}/${folder}`);
    last = `${folder}/f${String(i).padStart(6, '0')}`;
    // Each file has content of its own, so that nothing is saved by equal blocks.
    content.writeUInt32LE(i, i % 4096);
    writeFileSync(`${root}/${last}`, content.subarray(i % 4096, (i % 4096) + bytes));
  }
  settle(root);
  return last;
}

/** One file of `mebibytes` MiB that does not compress. */
export async function makeBigFile(root: string, mebibytes: number): Promise<string> {
  await rm(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const piece = new Random(2).bytes(2 ** 20);
  const fd = openSync(`${root}/big`, 'w');
  for (let i = 0; i < mebibytes; i++) {
    if (i % BETWEEN_TURNS === 0) await nextTurn();
    piece.writeUInt32LE(i, 0);
    writeSync(fd, piece);
  }
  closeSync(fd);
  settle(root);
  return 'big';
}

/** A time in the past for the top folder, so that its arrival on the target is recognised. */
export function settle(root: string): void {
  utimesSync(root, 1_600_000_000, 1_600_000_000);
}
