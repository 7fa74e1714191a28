import { constants, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether files of the folder for temporary files can share blocks: then a small patch is not written in place but into a clone. */
export const canClone = tryClone();

function tryClone(): boolean {
  const file = join(tmpdir(), `understudy-clone-${process.pid}`);
  try {
    writeFileSync(file, 'x'.repeat(4096));
    copyFileSync(file, `${file}.clone`, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    for (const path of [file, `${file}.clone`]) rmSync(path, { force: true });
  }
}
