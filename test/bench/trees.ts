import { closeSync, mkdirSync, openSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { Random } from '../support/property/random.ts';

const PER_FOLDER = 500;

/** `count` files of `bytes` random bytes in folders of 500; returns the path of the last one in walking order. */
export function makeFiles(root: string, count: number, bytes: number): string {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const content = new Random(1).bytes(bytes + 8192);
  let last = '';
  for (let i = 0; i < count; i++) {
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
export function makeBigFile(root: string, mebibytes: number): string {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const piece = new Random(2).bytes(2 ** 20);
  const fd = openSync(`${root}/big`, 'w');
  for (let i = 0; i < mebibytes; i++) {
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
