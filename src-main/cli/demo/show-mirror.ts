import type { ConnectionSnapshot } from '../../api/index.ts';
import { formatBytes, formatDuration } from '../../base/index.ts';
import { isQuiet, type FollowedConnection } from './followed-connection.ts';
import { bar, count, type Screen } from './screen.ts';

/** Shows the first mirror until it is complete and everything of it is applied. */
export async function showMirror(
  connection: FollowedConnection,
  size: { files: number; bytes: number },
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  await connection.until('the mirror', isQuiet, signal, { onLook: (snapshot) => screen.progress('Mirror', progress(snapshot)) });
  const ms = performance.now() - startMs;
  const rates = `${formatBytes((size.bytes / ms) * 1000)}/s, ${count(Math.round((size.files / ms) * 1000))} files/s`;
  screen.good(
    'Mirror',
    `${count(size.files)} files, ${formatBytes(size.bytes)} in ${formatDuration(ms)} (${rates}), all applied on the target`,
  );
}

function progress({ mirror, statistics }: ConnectionSnapshot): string {
  if (mirror.kind === 'idle') return `${count(statistics.targetQueueOps)} changes still to be applied on the target`;
  if (mirror.kind === 'calculating') return 'counting';
  const { percent, sentFiles, skippedFiles, calculatedFiles, sentBytes, bytesPerSec, timeLeftMs } = mirror;
  const parts = [
    percent === null ? null : `${bar(percent)} ${percent.toFixed(0).padStart(3)} %`,
    `${count(sentFiles + skippedFiles)}${calculatedFiles === null ? '' : ` of ${count(calculatedFiles)}`} files`,
    formatBytes(sentBytes),
    `${formatBytes(bytesPerSec)}/s`,
    timeLeftMs === null ? null : `${formatDuration(timeLeftMs)} left`,
  ];
  return parts.filter((part) => part !== null).join('   ');
}
