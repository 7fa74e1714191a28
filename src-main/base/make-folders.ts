import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Throws the system's error; a file in the way is `EEXIST`. Node's own recursive
 * `mkdir` never returns where a folder exists but none can be made in it for want of a place (`/proc`), so each step is ours.
 */
export function makeFolders(path: string | Buffer, mode: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    const parent = parentOf(path);
    if (code !== 'ENOENT' || statSync(parent, { throwIfNoEntry: false }) !== undefined) throw error;
    makeFolders(parent, mode);
    mkdirSync(path, mode);
  }
}

function parentOf(path: string | Buffer): string | Buffer {
  return typeof path === 'string' ? dirname(path) : Buffer.from(dirname(path.toString('latin1')), 'latin1');
}
