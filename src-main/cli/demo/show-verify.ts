import type { MappedRoot } from '../../api/index.ts';
import { formatBytes, formatDuration, rawName, showName } from '../../base/index.ts';
import { compareTrees, type Comparison } from '../../engine/connection/index.ts';
import { isQuiet, type FollowedConnection } from './followed-connection.ts';
import { count, type Screen } from './screen.ts';

const MOST_SHOWN = 20;

/** Compares every byte of source and replica, and says what it found. True only if all is equal. */
export async function showVerify(connection: FollowedConnection, screen: Screen, signal: AbortSignal): Promise<boolean> {
  let result = await compare(connection, screen, signal);
  if (!result.isEqual) {
    // A file that changed during the comparison may look different on the two sides; one that differs twice does differ.
    screen.say('Verify', `${count(result.differences)} differences; looking again`);
    result = await compare(connection, screen, signal);
  }
  const { files, folders, symlinks, bytes, durationMs } = result;
  const counts = `${count(files)} files, ${count(folders)} folders, ${count(symlinks)} symbolic links`;
  if (result.isEqual) {
    screen.good('Verify', `every byte compared: ${counts}, ${formatBytes(bytes)} in ${formatDuration(durationMs)}: all equal`);
    screen.say(
      '',
      `content, names, sizes, times to the nanosecond, modes, owners, link texts, hard links (${result.hash.slice(0, 16)})`,
    );
    return true;
  }
  screen.bad('Verify', `${count(result.differences)} differences in ${counts}:`);
  for (const { path, what, source, target } of result.list.slice(0, MOST_SHOWN)) {
    screen.say('', `${what}: ${showName(path)} (source: ${source ?? 'nothing'}, target: ${target ?? 'nothing'})`);
  }
  return false;
}

async function compare(connection: FollowedConnection, screen: Screen, signal: AbortSignal): Promise<Comparison> {
  const { roots } = await connection.until('the queue to be empty', isQuiet, signal);
  return compareTrees(roots.map(raw), {
    bytes: true,
    owners: process.getuid?.() === 0,
    signal,
    onProgress: ({ files, bytes }) => screen.progress('Verify', `${count(files)} files, ${formatBytes(bytes)} compared`),
  });
}

function raw({ from, to }: MappedRoot): { from: string; to: string } {
  return { from: rawName(from), to: rawName(to) };
}
