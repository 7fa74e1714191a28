import { spawnSync } from 'node:child_process';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import {
  APPEND_ONLY,
  hashExtended,
  IMMUTABLE,
  isCarriedAttribute,
  readExtended,
  readExtendedFd,
  readOneExtended,
  removeExtended,
  setExtended,
  statEntry,
} from '../../../../src-main/engine/fs/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const isRoot = process.getuid?.() === 0;

function file(): string {
  const path = `${tempFolder()}/a\xff`;
  writeFileSync(Buffer.from(path, 'latin1'), 'x');
  return path;
}

describe('extended attributes', () => {
  test('what was set is read, sorted by name, with names and values that are no text', () => {
    const path = file();
    expect(readExtended(path)).toEqual({ list: [], isTooLarge: false });
    const list = [
      { name: 'user.a', value: Buffer.from([0, 255]) },
      { name: 'user.empty', value: Buffer.alloc(0) },
      { name: 'user.\xff', value: Buffer.from('x') },
    ];
    for (const attribute of list.toReversed()) setExtended(path, attribute);
    expect(readExtended(path).list).toEqual(list);
    removeExtended(path, 'user.a');
    removeExtended(path, 'user.a');
    expect(readExtended(path).list).toEqual(list.slice(1));
  });

  test('many names are read whole, and an open file tells the same as its path', () => {
    const path = file();
    const fd = openSync(Buffer.from(path, 'latin1'), 'r');
    try {
      expect(readExtendedFd(fd, path)).toEqual({ list: [], isTooLarge: false });
      const names = Array.from({ length: 30 }, (_, i) => `user.${String(i).padStart(2, '0')}${'n'.repeat(50)}`);
      for (const name of names) setExtended(path, { name, value: Buffer.from('1') });
      expect(readExtended(path).list.map(({ name }) => name)).toEqual(names);
      expect(readExtendedFd(fd, path)).toEqual(readExtended(path));
    } finally {
      closeSync(fd);
    }
  });

  test('one can be asked for; none is null', () => {
    const path = file();
    setExtended(path, { name: 'user.a', value: Buffer.from('1') });
    expect(readOneExtended(path, 'user.a')).toEqual(Buffer.from('1'));
    expect(readOneExtended(path, 'user.b')).toBeNull();
    expect(readOneExtended('/proc/self/status', 'user.b')).toBe('unsupported');
  });

  test('a link is asked itself, and nothing there is no failure of the reading', () => {
    const folder = tempFolder();
    writeFileSync(`${folder}/f`, 'x');
    setExtended(`${folder}/f`, { name: 'user.a', value: Buffer.from('1') });
    symlinkSync('f', `${folder}/l`);
    expect(readExtended(`${folder}/l`).list).toEqual([]);
    expect(() => readExtended(`${folder}/none`)).toThrow(ReplicationError);
  });

  test('the number of a list changes with each name and value and with where one ends', () => {
    const of = (...pairs: [string, string][]) =>
      hashExtended(pairs.map(([name, value]) => ({ name, value: Buffer.from(value) })));
    const all = [of(), of(['user.a', '']), of(['user.a', 'b']), of(['user.ab', '']), of(['user.a', ''], ['user.b', ''])];
    expect(new Set(all).size).toBe(all.length);
    expect(of()).toBe(0n);
    expect(of(['user.a', 'b'])).toBe(of(['user.a', 'b']));
  });

  test.each([
    ['user.a', true],
    ['trusted.a', true],
    ['security.capability', true],
    ['security.NTACL', true],
    ['system.posix_acl_access', true],
    ['system.posix_acl_default', true],
    ['security.selinux', false],
    ['security.ima', false],
    ['security.SMACK64EXEC', false],
    ['system.nfs4_acl', false],
    ['btrfs.compression', false],
  ])('%s is carried: %s', (name, isCarried) => {
    expect(isCarriedAttribute(name)).toBe(isCarried);
  });
});

describe('flags of an inode', () => {
  test.skipIf(!isRoot)('immutable and append-only are seen without opening the file', () => {
    const folder = tempFolder();
    const path = `${folder}/f`;
    writeFileSync(path, 'x');
    expect(statEntry(path)?.inodeFlags).toBe(0);
    for (const [letter, flag] of [['i', IMMUTABLE] as const, ['a', APPEND_ONLY] as const]) {
      const isSet = spawnSync('chattr', [`+${letter}`, path]).status === 0;
      const found = statEntry(path)?.inodeFlags;
      spawnSync('chattr', [`-${letter}`, path]);
      if (!isSet) console.warn('chattr does not work on this file system: flags are not tested.');
      else expect(found).toBe(flag);
    }
  });
});
