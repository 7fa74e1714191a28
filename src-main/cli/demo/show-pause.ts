import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { formatBytes, formatDuration, ReplicationError } from '../../base/index.ts';
import type { ControlSession } from '../../control/index.ts';
import { isQuiet, type FollowedConnection } from './followed-connection.ts';
import type { Scratch } from './live-changes.ts';
import { count, type Screen } from './screen.ts';

const FILES = 300;
const FILE_BYTES = 64 * 1024;
const BETWEEN_MS = 8;

/** Pauses, changes files meanwhile (the replica must stand still), resumes, and waits until the queue is empty. */
export async function showPause(
  source: ControlSession,
  connection: FollowedConnection,
  scratch: Scratch,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const connectionId = connection.id;
  await source.call('transmission.pause', { connectionId, reason: 'demo' });
  const paused = await connection.until('the pause', ({ transmission }) => transmission.kind === 'paused', signal);
  const cut = paused.transmission.kind === 'paused' ? paused.transmission.cut.sequence : 0;
  screen.say('Pause', `the replica stands still: everything up to change ${count(cut)} is applied, nothing after it`);

  mkdirSync(`${scratch.source}/while paused`);
  for (let i = 0; i < FILES; i++) {
    writeFileSync(`${scratch.source}/while paused/${i}`, Buffer.alloc(FILE_BYTES, i));
    await delay(BETWEEN_MS, undefined, { signal });
    screen.progress('', queue(connection));
  }
  const grown = await connection.until('the queue to grow', ({ statistics }) => statistics.queuedOps > 0, signal, {
    stallMs: 20_000,
  });
  screen.say('', `${count(FILES)} files written on the source meanwhile; in the queue: ${queueOf(grown.statistics)}`);
  if (existsSync(`${scratch.target}/while paused`)) {
    throw new ReplicationError('internal', { text: 'the replica changed although it was paused' });
  }

  const startMs = performance.now();
  await source.call('transmission.resume', { connectionId });
  await connection.until('the queue to drain', isQuiet, signal, { onLook: () => screen.progress('Resume', queue(connection)) });
  const bytes = FILES * FILE_BYTES;
  const ms = performance.now() - startMs;
  screen.good('Resume', `queue drained in ${formatDuration(ms)} (${formatBytes((bytes / ms) * 1000)}/s)`);
}

function queue({ snapshot }: FollowedConnection): string {
  return `in the queue: ${queueOf(snapshot.statistics)}`;
}

function queueOf({ queuedOps, queuedBytes }: { queuedOps: number; queuedBytes: number }): string {
  return `${count(queuedOps)} changes${queuedBytes > 0 ? `, ${formatBytes(queuedBytes)}` : ''}`;
}
