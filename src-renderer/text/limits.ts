import type { ConnectionSnapshot } from '../../src-main/api/index.ts';
import { bytes, rate } from './format.ts';

/** What a line may send and when, in a few words: `10.0 MiB/s, 22:00 to 06:00, by a schedule`. */
export function limitsWords({ line: { settings }, settings: { compression } }: ConnectionSnapshot): string {
  const { bytesPerSec, burstBytes, burstSeconds } = settings.limits;
  const { isStartEnabled, startAt, startQueuePercent, startQueueBytes, isWindowEnabled, windowOpen, windowClose } =
    settings.schedule;
  const words: string[] = [];
  if (burstBytes !== null) words.push(`${bytes(burstBytes)} every ${burstSeconds} s`);
  else if (bytesPerSec !== null) words.push(rate(bytesPerSec));
  if (isWindowEnabled && windowOpen !== null && windowClose !== null) words.push(`${windowOpen} to ${windowClose}`);
  if (isStartEnabled && (startAt ?? startQueuePercent ?? startQueueBytes) !== null) words.push('by a schedule');
  if (compression.isEnabled) words.push(`compressed, level ${compression.level}`);
  return words.length === 0 ? 'none' : words.join(', ');
}
