import { describe, expect, test } from 'vitest';
import type { MirrorOptions } from '../../../../src-main/api/index.ts';
import {
  decide,
  leavePolicy,
  type Decision,
  type LeavePolicy,
  type TargetEntry,
} from '../../../../src-main/engine/mirror/index.ts';
import type { EntryStat } from '../../../../src-main/engine/model/index.ts';

const source: EntryStat = {
  kind: 'file', dev: 1n, ino: 2n, size: 10, mtimeNs: 5_000n, ctimeNs: 6_000n, mode: 0o644, uid: 0, gid: 0, nlink: 1, allocatedBytes: 10,
}; // prettier-ignore
const equal: TargetEntry = {
  kind: 'file',
  size: 10,
  attributes: { mode: 0o644, uid: 0, gid: 0, mtimeNs: 5_000n },
  linkTarget: null,
};
const older: TargetEntry = { ...equal, attributes: { ...equal.attributes, mtimeNs: 4_000n } };
const newer: TargetEntry = { ...equal, attributes: { ...equal.attributes, mtimeNs: 9_000n } };
const longer: TargetEntry = { ...equal, size: 11 };
const private_: TargetEntry = { ...equal, attributes: { ...equal.attributes, mode: 0o600 } };

const found = { nothing: null, equal, older, newer, longer, private: private_ } as const;
type Found = keyof typeof found;

/** The table of the mirror kinds: what each does about a file, by what the target has. */
const kinds: readonly (readonly [string, MirrorOptions, Readonly<Record<Found, Decision['action']>>])[] = [
  [
    'all',
    { kind: 'all' },
    { nothing: 'create', equal: 'replace', older: 'replace', newer: 'replace', longer: 'replace', private: 'replace' },
  ],
  [
    'different',
    { kind: 'different' },
    { nothing: 'create', equal: 'keep', older: 'replace', newer: 'replace', longer: 'replace', private: 'attributes' },
  ],
  [
    'different newer',
    { kind: 'different', newer: true },
    { nothing: 'create', equal: 'keep', older: 'replace', newer: 'leave', longer: 'leave', private: 'attributes' },
  ],
  [
    'different checksum',
    { kind: 'checksum' },
    { nothing: 'create', equal: 'compare', older: 'compare', newer: 'compare', longer: 'compare', private: 'compare' },
  ],
  [
    'different checksum, flagged files only',
    { kind: 'checksum', flaggedOnly: true },
    { nothing: 'create', equal: 'keep', older: 'compare', newer: 'compare', longer: 'compare', private: 'attributes' },
  ],
  [
    'different newer checksum',
    { kind: 'checksum', newer: true },
    { nothing: 'create', equal: 'keep', older: 'compare', newer: 'leave', longer: 'leave', private: 'attributes' },
  ],
];

describe('the kinds of mirror', () => {
  test.each(kinds)('%s', (_, options, expected) => {
    const leaves = leavePolicy(options, 'always');
    const actions = Object.entries(found).map(([name, entry]) => [name, decide(options, leaves, source, null, entry).action]);
    expect(Object.fromEntries(actions)).toEqual(expected);
  });

  const special: readonly (readonly [string, LeavePolicy, Partial<EntryStat>, Partial<TargetEntry>, Decision['action']])[] = [
    ['a file that became a folder is replaced', 'nothing', { kind: 'folder' }, {}, 'replace'],
    ['a folder is made even where only newer is sent: files are to go into it', 'newer', { kind: 'folder' }, {}, 'replace'],
    ['a folder on both sides keeps its content', 'newer', { kind: 'folder' }, { kind: 'folder' }, 'keep'],
    ['a file in the place of a folder that is not older is left', 'newer', {}, { kind: 'folder' }, 'leave'],
    ['a link that points elsewhere is replaced', 'nothing', { kind: 'symlink' }, { kind: 'symlink', linkTarget: 'b' }, 'replace'],
    [
      'a link with another text and no newer date is left',
      'newer',
      { kind: 'symlink' },
      { kind: 'symlink', linkTarget: 'b' },
      'leave',
    ],
    ['nothing that exists is overwritten where that is the setting', 'existing', { mtimeNs: 9_000n }, {}, 'leave'],
    ['an existing equal file is no exception worth telling', 'existing', {}, {}, 'keep'],
  ];
  test.each(special)('%s', (_, leaves, stat, entry, action) => {
    expect(decide({ kind: 'different' }, leaves, { ...source, ...stat }, 'a', { ...equal, ...entry }).action).toBe(action);
  });

  test('the setting and the word say the same in two ways', () => {
    expect(leavePolicy({ kind: 'different', newer: true }, 'always')).toBe('newer');
    expect(leavePolicy({ kind: 'different' }, 'if-older')).toBe('newer');
    expect(leavePolicy({ kind: 'all' }, 'never')).toBe('existing');
    expect(leavePolicy({ kind: 'all' }, 'always')).toBe('nothing');
  });
});
