import { ReplicationError, showName } from '../../base/index.ts';
import { statEntry } from '../fs/index.ts';
import { foldersInside, type AbsolutePath } from '../model/index.ts';

/** Refuses (`outside-root`) a path that is reached through a link in its last `namesInside` names. What it leads to may be a link itself. */
export function refuseLinks(path: AbsolutePath, namesInside: number): void {
  for (const folder of foldersInside(path, namesInside))
    if (statEntry(folder)?.kind === 'symlink')
      throw new ReplicationError('outside-root', { path: showName(folder), refused: true });
}
