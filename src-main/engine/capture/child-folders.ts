import { readdirSync } from 'node:fs';
import { codedError, native, statEntry } from '../fs/index.ts';
import { STAGE_FOLDER, type AbsolutePath } from '../model/index.ts';

/** The raw names of the folders in a folder, in no order, without our own stage folder. Throws coded errors. */
export function childFolders(path: AbsolutePath): string[] {
  try {
    const names: string[] = [];
    for (const entry of readdirSync(native(path), { encoding: 'latin1', withFileTypes: true })) {
      if (entry.isDirectory() && entry.name !== STAGE_FOLDER) names.push(entry.name);
    }
    return names;
  } catch {
    // A file system that tells no types makes Node look at each name as text, which fails for names that are not: look ourselves.
    try {
      const names = readdirSync(native(path), { encoding: 'latin1' });
      return names.filter((name) => name !== STAGE_FOLDER && statEntry(`${path}/${name}`)?.kind === 'folder');
    } catch (error) {
      throw codedError(error, path);
    }
  }
}
