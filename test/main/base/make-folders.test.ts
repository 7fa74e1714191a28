import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolders } from '../../../src-main/base/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('missing folders above are made too, with the mode that was asked for', () => {
  makeFolders(join(folder, 'a/b/c'), 0o700);
  expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o700);
  makeFolders(join(folder, 'a/b/c'), 0o700);
});

test('a name of any bytes will do', () => {
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff]), Buffer.from('/x')]);
  makeFolders(path, 0o755);
  expect(existsSync(path)).toBe(true);
});

test('a file in the way is an error', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolders(join(folder, 'file'), 0o755)).toThrow(/EEXIST/);
  expect(() => makeFolders(join(folder, 'file/below'), 0o755)).toThrow(/ENOTDIR/);
});

test.runIf(process.platform === 'linux')('a place where no folder can be made is an error at once', () => {
  expect(() => makeFolders('/proc/understudy/a/b', 0o755)).toThrow(/ENOENT/);
});
