import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Flusher } from '../../../../src-main/engine/apply/flusher.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-flusher-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function written(name: string): number {
  const fd = openSync(join(folder, name), 'w');
  writeSync(fd, 'data');
  return fd;
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

describe('a stream that ends while its data are flushed', () => {
  test('keeps its file open until the flush is over, when so much else came that the next flush takes the whole volume', async () => {
    const flusher = new Flusher([folder]);
    const stream = written('stream');
    const flush = flusher.flushStreams([stream]);
    flusher.wroteMuch(0);
    flusher.wrote(0, stream, folder);
    expect(isOpen(stream)).toBe(true);
    await flush;
    expect(isOpen(stream)).toBe(false);
  });

  test('keeps its file open until the flush is over, when many files come after it', async () => {
    const flusher = new Flusher([folder]);
    const stream = written('stream');
    const flush = flusher.flushStreams([stream]);
    flusher.wrote(0, stream, folder);
    const others = Array.from({ length: 20 }, (_, i) => written(`file ${i}`));
    for (const fd of others) flusher.wrote(0, fd, folder);
    expect(isOpen(stream)).toBe(true);
    await flush;
    expect([stream, ...others].some(isOpen)).toBe(false);
    expect(flusher.isClean).toBe(false);
  });
});

test('data of a stream that did not reach the disk are not taken for flushed when its op comes', async () => {
  const flusher = new Flusher([folder]);
  const stream = written('stream');
  const gone = written('gone');
  closeSync(gone);
  // The system tells of a failure once: whoever flushes the same file next hears nothing of it.
  const failed = expect(flusher.flushStreams([gone])).rejects.toThrow();
  flusher.wrote(0, stream, folder);
  await expect(flusher.flush()).rejects.toThrow();
  await failed;
});

test('without a flush under way, a file that the flush of the volume covers is closed at once', () => {
  const flusher = new Flusher([folder]);
  flusher.wroteMuch(0);
  const fd = written('file');
  flusher.wrote(0, fd, folder);
  expect(isOpen(fd)).toBe(false);
});
