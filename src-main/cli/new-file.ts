import { open, rm } from 'node:fs/promises';
import { rawName } from '../base/index.ts';
import type { NewFile } from '../dtcl/index.ts';
import { codedError } from '../engine/connection/index.ts';
import { typedPath } from './typed-path.ts';

/** A file of the person who runs the script; one that is there already is not replaced. */
export async function createNewFile(typed: string): Promise<NewFile> {
  const path = typedPath(typed);
  const coded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw codedError(error, rawName(path));
    }
  };
  const handle = await coded(open(path, 'wx', 0o644));
  return {
    write: (bytes) => coded(handle.writeFile(bytes)),
    async finish() {
      await coded(handle.sync());
      await coded(handle.close());
    },
    async drop() {
      await handle.close().catch(() => undefined); // the disk failed before, which is told
      await rm(path, { force: true });
    },
  };
}
