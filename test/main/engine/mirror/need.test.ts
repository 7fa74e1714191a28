import { describe, expect, test } from 'vitest';
import { needOf, type KnownEntry, type Look, type Need } from '../../../../src-main/engine/mirror/index.ts';
import type { EntryStat } from '../../../../src-main/engine/model/index.ts';

const ns = 1_000_000n;
const stat: EntryStat = {
  kind: 'file', dev: 1n, ino: 2n, size: 10, mtimeNs: 5_000n * ns, ctimeNs: 6_000n * ns, mode: 0o644, uid: 0, gid: 0, nlink: 1, allocatedBytes: 10,
}; // prettier-ignore
const known: KnownEntry = { ...stat, linkTarget: null, trust: 'known', readAtMs: 9_000 };

const cases: readonly (readonly [string, Partial<KnownEntry> | null, Partial<EntryStat>, Look, Need])[] = [
  ['an equal file needs nothing', {}, {}, 'at-rest', 'nothing'],
  ['an unknown file needs its content', null, {}, 'at-rest', 'content'],
  ['a doubted file needs its content', { trust: 'nothing' }, {}, 'at-rest', 'content'],
  ['what a mirror left needs nothing', { trust: 'left' }, {}, 'at-rest', 'nothing'],
  [
    'what a mirror left stays at a change of attributes',
    { trust: 'left' },
    { ctimeNs: 6_001n * ns, mode: 0o600 },
    'attributes-notice',
    'nothing',
  ],
  [
    'what a mirror left is sent when the source writes it',
    { trust: 'left' },
    { ctimeNs: 6_001n * ns },
    'content-notice',
    'content',
  ],
  ['another size needs content', {}, { size: 11 }, 'attributes-notice', 'content'],
  ['another object at the same name needs content', {}, { ino: 3n }, 'attributes-notice', 'content'],
  ['another kind needs content', { kind: 'folder' }, {}, 'at-rest', 'content'],
  ['at rest, another mtime needs content', {}, { mtimeNs: 5_001n * ns, ctimeNs: 6_001n * ns }, 'at-rest', 'content'],
  ['an edit that kept size and mtime shows in the ctime', {}, { ctimeNs: 6_001n * ns }, 'at-rest', 'content'],
  [
    'a notice of attributes with another mtime needs attributes only',
    {},
    { mtimeNs: 5_001n * ns },
    'attributes-notice',
    'attributes',
  ],
  ['another mode needs attributes', {}, { mode: 0o600, ctimeNs: 6_001n * ns }, 'attributes-notice', 'attributes'],
  ['another owner needs attributes', {}, { uid: 7, ctimeNs: 6_001n * ns }, 'attributes-notice', 'attributes'],
  ['attributes in doubt are set again', { trust: 'attributes' }, {}, 'at-rest', 'attributes'],
  ['only another ctime is noted', {}, { ctimeNs: 6_001n * ns }, 'attributes-notice', 'note'],
  ['a notice of content that was read already needs nothing', {}, {}, 'content-notice', 'nothing'],
  [
    'unless its ctime was noted without reading it, whatever its mtime',
    { readAtMs: 0, mtimeNs: -9_000n * ns },
    { mtimeNs: -9_000n * ns },
    'content-notice',
    'content',
  ],
  ['unless it was read within a clock tick of its change', { readAtMs: 6_010 }, {}, 'content-notice', 'content'],
  [
    'a folder with another mtime needs attributes',
    { kind: 'folder' },
    { kind: 'folder', mtimeNs: 5_001n * ns },
    'at-rest',
    'attributes',
  ],
  ['a folder of another inode but equal attributes is noted', { kind: 'folder' }, { kind: 'folder', ino: 9n }, 'at-rest', 'note'],
  [
    'the mode of a symlink does not count',
    { kind: 'symlink', mode: 0o755 },
    { kind: 'symlink', mode: 0o777 },
    'at-rest',
    'nothing',
  ],
];

describe('what the target needs', () => {
  test.each(cases)('%s', (_, row, change, look, need) => {
    expect(needOf(row === null ? null : { ...known, ...row }, { ...stat, ...change }, look)).toBe(need);
  });

  test('a symlink that points elsewhere is sent', () => {
    expect(needOf({ ...known, kind: 'symlink', linkTarget: 'a' }, { ...stat, kind: 'symlink' }, 'at-rest', 'b')).toBe('content');
  });

  test('after lost notices, a file whose content was unsure is not trusted at rest', () => {
    expect(needOf(known, stat, 'at-rest', null, true)).toBe('content');
    expect(needOf(known, stat, 'at-rest', null, false)).toBe('nothing');
  });
});
