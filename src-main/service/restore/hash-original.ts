import type { MappedRoot, OriginalFile } from '../../api/index.ts';
import { rawName, ReplicationError } from '../../base/index.ts';
import { hashFileAside, isWithin, resolveTargetPath, type Volume } from '../../engine/connection/index.ts';

/** Reads one file of a connection's source for a drill. Rejects with `bad-path` for one that the connection does not have. */
export async function hashOriginal(
  path: string,
  roots: readonly MappedRoot[],
  volumes: readonly Volume[],
): Promise<OriginalFile> {
  const absolute = resolveTargetPath(path, volumes);
  if (!roots.some(({ from }) => isWithin(rawName(absolute), rawName(from))))
    throw new ReplicationError('bad-path', { path, text: 'it is not in the connection' });
  try {
    const { sha256, size, mtimeNs, ctimeNs } = await hashFileAside(rawName(absolute), new AbortController().signal);
    return { path, content: { bytes: size, modifiedNs: String(mtimeNs), changedNs: String(ctimeNs), sha256 } };
  } catch (error) {
    const isGone = error instanceof ReplicationError && ['not-found', 'not-a-folder'].includes(error.code);
    if (isGone) return { path, content: null };
    throw error;
  }
}
