import { readFileSync } from 'node:fs';

/** What a process holds in bytes: resident memory in all, and without the pages of programs, which others may share. Linux only. */
export interface ProcessMemory {
  readonly residentBytes: number;
  readonly ownBytes: number;
  /** The most that was ever resident, or since somebody made the kernel forget it (`clear_refs`). */
  readonly peakBytes: number;
}

/** Of a process that is gone, nothing. */
export function processMemory(pid: number | null): ProcessMemory {
  if (pid === null) return { residentBytes: 0, ownBytes: 0, peakBytes: 0 };
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  const residentBytes = bytes('VmRSS');
  return { residentBytes, ownBytes: residentBytes - bytes('RssFile'), peakBytes: bytes('VmHWM') };
}
