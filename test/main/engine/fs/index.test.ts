import {
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  fstatSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import {
  capabilities,
  codedError,
  copyFileTo,
  createBlockHasher,
  dataRanges,
  native,
  readFolder,
  readInto,
  readLink,
  setOwner,
  setTimes,
  setTimesFd,
  statEntry,
  statFd,
  syncFd,
  syncFolder,
  syncVolume,
  volumeType,
} from '../../../../src-main/engine/fs/index.ts';
import { STAGE_FOLDER } from '../../../../src-main/engine/model/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-fs-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ReplicationError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('names', () => {
  test('a name that is not UTF-8 survives listing, stat, links and times', () => {
    const raw = `${folder}/a\xff\xfe\nb`;
    writeFileSync(native(raw), 'x');
    symlinkSync(native('\xe9t\xe9'), native(`${folder}/l\xff`));
    expect(readFolder(folder)).toEqual(['a\xff\xfe\nb', 'l\xff']);
    expect(statEntry(raw)?.kind).toBe('file');
    expect(readLink(`${folder}/l\xff`)).toBe('\xe9t\xe9');
    setTimes(raw, 5_000_000_007n);
    expect(statEntry(raw)?.mtimeNs).toBe(5_000_000_007n);
  });

  test('a listing is sorted by bytes and leaves our stage folder out', () => {
    for (const name of ['b', 'B', '\xc3\xa4', 'a', STAGE_FOLDER]) mkdirSync(native(`${folder}/${name}`));
    expect(readFolder(folder)).toEqual(['B', 'a', 'b', '\xc3\xa4']);
  });
});

describe('stat', () => {
  test('nothing there, and nothing below a file, is null', () => {
    writeFileSync(`${folder}/f`, 'x');
    expect(statEntry(`${folder}/none`)).toBeNull();
    expect(statEntry(`${folder}/f/below`)).toBeNull();
  });

  test('a link is described, not what it points to', () => {
    symlinkSync('/etc', `${folder}/l`);
    expect(statEntry(`${folder}/l`)).toMatchObject({ kind: 'symlink', size: 4 });
    mkdirSync(`${folder}/d`, { mode: 0o750 });
    expect(statEntry(`${folder}/d`)).toMatchObject({ kind: 'folder', mode: 0o750 });
  });
});

describe('the native stat', () => {
  test('says what Node says, by path and by descriptor', () => {
    writeFileSync(`${folder}/f`, 'x'.repeat(5000), { mode: 0o4640 });
    writeFileSync(`${folder}/holes`, '');
    truncateSync(`${folder}/holes`, 5 * 2 ** 32 + 7);
    setTimes(`${folder}/f`, -1_500_000_001n);
    symlinkSync('f', `${folder}/l`);
    const inNode = (stats: BigIntStats) => ({
      dev: stats.dev,
      ino: stats.ino,
      size: Number(stats.size),
      mtimeNs: stats.mtimeNs,
      ctimeNs: stats.ctimeNs,
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      nlink: Number(stats.nlink),
      allocatedBytes: Number(stats.blocks) * 512,
    });
    for (const path of [`${folder}/f`, `${folder}/holes`, `${folder}/l`, folder, '/dev/null', '/proc/self']) {
      expect(statEntry(path)).toMatchObject(inNode(lstatSync(path, { bigint: true })));
    }
    const fd = openSync(`${folder}/f`, 'r');
    expect(statFd(fd)).toMatchObject(inNode(fstatSync(fd, { bigint: true })));
    closeSync(fd);
    expect(() => statFd(fd)).toThrow('EBADF');
  });

  test('a path that may not be looked at is a coded failure', () => {
    expect(codeOf(() => statEntry(`${folder}/${'n'.repeat(256)}`))).toBe('name-too-long');
  });
});

describe('times and owner', () => {
  test('times keep their nanoseconds and leave the access time alone', () => {
    const file = `${folder}/f`;
    writeFileSync(file, 'x');
    const before = statSync(file, { bigint: true }).atimeNs;
    setTimes(file, 1_700_000_000_123_456_789n);
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(1_700_000_000_123_456_789n);
    expect(statSync(file, { bigint: true }).atimeNs).toBe(before);
  });

  test('times before 1970 keep their nanoseconds too', () => {
    writeFileSync(`${folder}/f`, 'x');
    setTimes(`${folder}/f`, -1_500_000_001n);
    expect(statEntry(`${folder}/f`)?.mtimeNs).toBe(-1_500_000_001n);
  });

  test('the time of a link is set without touching what it points to', () => {
    writeFileSync(`${folder}/f`, 'x');
    const before = statEntry(`${folder}/f`)?.mtimeNs;
    symlinkSync('f', `${folder}/l`);
    setTimes(`${folder}/l`, 42n);
    expect(statEntry(`${folder}/l`)?.mtimeNs).toBe(42n);
    expect(statEntry(`${folder}/f`)?.mtimeNs).toBe(before);
  });

  test('an open file takes a time', () => {
    const fd = openSync(`${folder}/f`, 'w');
    setTimesFd(fd, 77_000_000_001n);
    expect(statFd(fd).mtimeNs).toBe(77_000_000_001n);
    closeSync(fd);
  });

  test('the owner that an entry has can be set', () => {
    writeFileSync(`${folder}/f`, 'x');
    setOwner(`${folder}/f`, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    expect(codeOf(() => setOwner(`${folder}/none`, 0, 0))).toBe('not-found');
  });
});

describe('errors', () => {
  test('failures carry a code, the path for people and the errno', () => {
    expect(codeOf(() => readFolder(`${folder}/none`))).toBe('not-found');
    writeFileSync(`${folder}/f`, 'x');
    expect(codeOf(() => readFolder(`${folder}/f`))).toBe('not-a-folder');
    expect(codeOf(() => setTimes(`${folder}/no\xff`, 1n))).toBe('not-found');
    expect(codeOf(() => statEntry(`${folder}/${'n'.repeat(300)}`))).toBe('name-too-long');
  });

  test.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'read-only'],
    ['EACCES', 'permission-denied'],
    ['EMFILE', 'too-many-open'],
    ['ELOOP', 'outside-root'],
    ['EIO', 'io-error'],
    ['ESTALE', 'io-error'],
  ])('%s is %s', (errno, code) => {
    const error = codedError(Object.assign(new Error('x'), { code: errno }), '/a/\xff');
    expect(error).toMatchObject({ code, details: { path: '/a/\\xff', errno } });
  });

  test('what is not a system error is our bug', () => {
    expect(codedError(new TypeError('x'), '/a').code).toBe('internal');
    expect(codedError(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }), '/a').code).toBe('internal');
  });
});

describe('holes', () => {
  test('only the parts with data are given, and a copy keeps the holes', () => {
    const fd = openSync(`${folder}/s`, 'w+');
    writeSync(fd, Buffer.alloc(4096, 1), 0, 4096, 1 << 20);
    writeSync(fd, Buffer.alloc(10, 2), 0, 10, 4 << 20);
    truncateSync(`${folder}/s`, 8 << 20);
    const ranges = [...dataRanges(fd, 8 << 20)];
    closeSync(fd);
    expect(ranges[0]).toEqual({ offset: 1 << 20, length: 4096 });
    expect(ranges).toHaveLength(2);
    copyFileTo(`${folder}/s`, `${folder}/t`);
    expect(readFileSync(`${folder}/t`).equals(readFileSync(`${folder}/s`))).toBe(true);
    expect(statEntry(`${folder}/t`)?.allocatedBytes).toBeLessThan(1 << 20);
  });

  test('a file that shrank while it was looked at ends the ranges', () => {
    const fd = openSync(`${folder}/s`, 'w+');
    writeSync(fd, Buffer.alloc(8192, 1));
    expect([...dataRanges(fd, 1 << 20)]).toEqual([{ offset: 0, length: 8192 }]);
    expect([...dataRanges(fd, 0)]).toEqual([]);
    closeSync(fd);
  });

  test('a copy never follows a link at its source', () => {
    symlinkSync('/etc/passwd', `${folder}/l`);
    expect(codeOf(() => copyFileTo(`${folder}/l`, `${folder}/t`))).toBe('outside-root');
  });
});

describe('flushes, reads, hashes', () => {
  test('files, folders and volumes can be flushed', async () => {
    const fd = openSync(`${folder}/f`, 'w');
    writeSync(fd, 'x');
    await syncFd(fd);
    closeSync(fd);
    await syncFolder(folder);
    await syncVolume(folder);
    await expect(syncVolume(`${folder}/none`)).rejects.toMatchObject({ code: 'not-found' });
    await expect(syncFolder(`${folder}/f`)).rejects.toMatchObject({ code: 'not-a-folder' });
  });

  test('a read stops at the end of the file', () => {
    writeFileSync(`${folder}/f`, 'abcdef');
    const fd = openSync(`${folder}/f`, 'r');
    const buffer = Buffer.alloc(10, '.');
    expect(readInto(fd, buffer, 1, 9, 2)).toBe(4);
    expect(buffer.toString()).toBe('.cdef.....');
    closeSync(fd);
  });

  test('the hasher gives XXH3-128 and its results do not change afterwards', async () => {
    const hasher = await createBlockHasher();
    const empty = hasher.hash(Buffer.alloc(0));
    const other = hasher.hash(Buffer.from('a'));
    expect(empty.toString('hex')).toBe('99aa06d3014798d86001c324468d497f');
    expect(other).toHaveLength(16);
  });

  test('this system says what it can do', () => {
    expect(capabilities()).toMatchObject({
      nativeCalls: true,
      inotify: true,
      syncfs: true,
      sparse: true,
      nsTimes: true,
      why: '',
    });
    expect(volumeType(folder)).not.toBe('');
  });
});
