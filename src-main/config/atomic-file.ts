import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { durableStep } from '../base/index.ts';

/**
 * Replaces `file` by `content`, durably: the old or the new content is there after a crash, never a part. Mode 0600. Waiting for a busy disk
 * does not block the thread; two replacements of one file at the same time are the caller's mistake.
 */
export async function replaceFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true }); // left by a crash; its mode could be another one
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    durableStep('settings.written');
    // Before the rename: after a power cut a renamed file with unwritten blocks reads back as zeros.
    await handle.sync();
  } finally {
    await handle.close();
  }
  durableStep('settings.flushed');
  await rename(temporary, file);
  durableStep('settings.renamed');
  if (process.platform === 'win32') return; // folders cannot be opened there; NTFS journals the rename
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The same, blocking: for a file that is written once while a program starts. */
export function writeFileAtomic(file: string, content: string): void {
  const temporary = `${file}.new`;
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}
