import { mkdirSync, realpathSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, formatBytes, formatDuration, ReplicationError, toReplicationError } from '../../base/index.ts';
import { establishConnection, formatAddress } from '../../control/index.ts';
import { startDemoPair, type DemoPair } from './demo-pair.ts';
import { FollowedConnection } from './followed-connection.ts';
import { showLiveChanges } from './live-changes.ts';
import { count, Screen } from './screen.ts';
import { showMirror } from './show-mirror.ts';
import { showPause } from './show-pause.ts';
import { showVerify } from './show-verify.ts';

const SET = 'demo';
const INTERRUPTED = 130;

/**
 * Protects a real folder with two real services on this machine and shows each step; the folder itself is only read. Resolves with the
 * exit code: 0 only if source and replica are equal to the byte at the end. Leaves nothing behind, also when interrupted.
 */
export async function runDemo(folder: string, program: string): Promise<number> {
  const screen = new Screen(process.stdout);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error('interrupted'));
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const startMs = performance.now();
  let pair: DemoPair | null = null;
  try {
    const from = existingFolder(folder);
    screen.title(`Understudy keeps a live replica of ${from}`);
    screen.progress('Services', 'starting two services on this machine');
    pair = await startDemoPair(program);
    const isEqual = await show(pair, from, screen, interruption.signal);
    if (isEqual) screen.good('Done', `in ${formatDuration(performance.now() - startMs)}; the replica equals the source`);
    else screen.bad('Failed', 'the replica does not equal the source');
    return isEqual ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) {
      screen.say('Stopped', 'cleaning up');
      return INTERRUPTED;
    }
    const { code, details } = toReplicationError(error);
    const { cause, nextStep } = describeError(code, details);
    screen.bad('Failed', `${cause} ${nextStep}`);
    return 1;
  } finally {
    await pair?.close();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function show(pair: DemoPair, from: string, screen: Screen, signal: AbortSignal): Promise<boolean> {
  const { folder, source, target, sourceSession, targetSession } = pair;
  screen.say('Source', `alpha, control ${formatAddress(source.control)}`);
  screen.say('Target', `beta, control ${formatAddress(target.control)}, data ${formatAddress(target.data)}`);

  const replica = join(folder, 'replica');
  const scratchFolder = join(folder, 'scratch');
  mkdirSync(scratchFolder);
  await sourceSession.call('set.create', { name: SET });
  for (const path of [from, scratchFolder]) {
    await sourceSession.call('set.add-rule', { name: SET, rule: { path, verdict: 'include', recursive: true } });
  }
  const { rules } = await sourceSession.call('set.save', { name: SET });
  screen.progress('Set', 'counting files');
  const size = await sourceSession.call('set.calculate', { rules });
  screen.say(
    'Set',
    `${count(size.files)} files in ${count(size.folders)} folders, ${formatBytes(size.bytes)}; only read, never changed`,
  );
  checkSpace(folder, size.bytes);

  const map = { kind: 'base', base: replica } as const;
  const established = await establishConnection(sourceSession, targetSession, {
    setName: SET,
    map,
    mirror: { kind: 'all' },
    targetHost: target.control.host,
  });
  const connection = new FollowedConnection(sourceSession, established);
  try {
    const arrives = (path: string) => established.roots.find((root) => root.from === path)?.to ?? join(replica, path);
    screen.say('Map', `${from} arrives in ${arrives(from)}`);
    await showMirror(connection, size, screen, signal);
    const scratch = { source: scratchFolder, target: arrives(scratchFolder) };
    await showLiveChanges(scratch, screen, signal);
    await showPause(sourceSession, connection, scratch, screen, signal);
    return await showVerify(connection, screen, signal);
  } finally {
    connection.close();
  }
}

/** The real path of the folder; throws when it is none. */
function existingFolder(folder: string): string {
  try {
    const path = realpathSync(folder);
    statfsSync(path);
    return path;
  } catch (error) {
    throw new ReplicationError('not-found', { path: folder }, { cause: error });
  }
}

function checkSpace(folder: string, neededBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize > neededBytes * 1.05) return;
  throw new ReplicationError('disk-full', { path: `${folder} (set TMPDIR to a folder on a larger disk)`, neededBytes });
}
