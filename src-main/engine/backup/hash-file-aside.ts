import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ReplicationError, showName } from '../../base/index.ts';
import { codedError, native } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';

const CHUNK_BYTES = 1024 * 1024;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The SHA-256 of a file's content without blocking the thread, and the size and times of what was read. Rejects with `busy` for what is no file or
 * changed meanwhile, coded errors of the disk, and the reason of an abort.
 */
export async function hashFileAside(
  path: AbsolutePath,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly size: number; readonly mtimeNs: bigint; readonly ctimeNs: bigint }> {
  try {
    await using handle = await open(native(path), FLAGS);
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) throw new ReplicationError('busy', { path: showName(path), text: 'it is no file any more' });
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let position = 0; ;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    const after = await handle.stat({ bigint: true });
    if (before.size !== after.size || before.mtimeNs !== after.mtimeNs || before.ctimeNs !== after.ctimeNs)
      throw new ReplicationError('busy', { path: showName(path), text: 'it changed while it was read' });
    return { sha256: hash.digest('hex'), size: Number(after.size), mtimeNs: after.mtimeNs, ctimeNs: after.ctimeNs };
  } catch (error) {
    if (error instanceof ReplicationError || signal.aborted) throw error;
    throw codedError(error, path);
  }
}
