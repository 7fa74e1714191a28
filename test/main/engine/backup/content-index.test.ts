import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ChangedEntry } from '../../../../src-main/api/index.ts';
import { ContentIndex, ManifestEnded, readChanges } from '../../../../src-main/engine/backup/index.ts';
import { lookAt } from '../../../support/certified.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

/** Root reads what nobody may read, unless it gave up that right. */
function mayReadAll(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-test-'));
  try {
    writeFileSync(`${folder}/f`, '', { mode: 0 });
    return readFileSync(`${folder}/f`).length === 0;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function start() {
  const folder = tempFolder();
  const root = `${folder}/root`;
  mkdirSync(`${root}/sub`, { recursive: true });
  const index = new ContentIndex(`${folder}/index.db`);
  onTestFinished(() => index.close());
  const look = (options: Parameters<typeof lookAt>[2] = {}) => lookAt(index, [root], options);
  const changes = (sinceMs: number, isRemoved = false): string[] => {
    const list: ChangedEntry[] = [];
    for (let after: string | null = null; ;) {
      const page = readChanges(`${folder}/index.db`, [{ from: '/source', to: root }], { sinceMs, isRemoved, after, limit: 2 });
      list.push(...page.entries);
      after = page.next;
      if (after === null) break;
    }
    return list.filter(({ kind }) => kind !== 'folder').map(({ what, path }) => `${what} ${path.slice(root.length + 1)}`);
  };
  return { root, index, look, changes };
}

test('files that did not change are not read again, and their hashes are told all the same', () => {
  const { root, look } = start();
  for (let i = 0; i < 1_200; i++) writeFileSync(`${root}/sub/${i}`, `file ${i}`);
  const first = look();
  expect(first.totals).toMatchObject({ files: 1_200, readFiles: 1_200 });
  const second = look();
  expect(second.totals).toMatchObject({ files: 1_200, readFiles: 0, readBytes: 0 });
  expect(second.entries).toEqual(first.entries);
  expect(look({ isFull: true }).totals.readFiles).toBe(1_200);
});

test('an edit that keeps size and time is found by its ctime', () => {
  const { root, look } = start();
  writeFileSync(`${root}/f`, 'before');
  const { mtime } = statSync(`${root}/f`);
  const first = look();
  writeFileSync(`${root}/f`, 'after!');
  utimesSync(`${root}/f`, mtime, mtime);
  const second = look();
  expect(second.totals.readFiles).toBe(1);
  expect(second.entries.at(-2)?.sha256).not.toBe(first.entries.at(-2)?.sha256);
});

test('a file that was read too soon after its last change is read once more', () => {
  const { root, index } = start();
  writeFileSync(`${root}/f`, 'x');
  const { ctimeMs } = statSync(`${root}/f`);
  const soon = (nowMs: number) => lookAt(index, [root], { startedAtMs: nowMs, nowMs: () => nowMs }).totals.readFiles;
  expect([soon(ctimeMs + 1), soon(ctimeMs + 60_000), soon(ctimeMs + 61_000)]).toEqual([1, 1, 0]);
});

test('another name of a file costs no second reading', () => {
  const { root, look } = start();
  writeFileSync(`${root}/a`, 'once');
  linkSync(`${root}/a`, `${root}/sub/b`);
  const { totals, entries } = look();
  expect(totals).toMatchObject({ files: 2, readFiles: 1 });
  const hashes = entries.filter(({ kind }) => kind === 'file').map(({ sha256 }) => sha256);
  expect(hashes[0]).toBe(hashes[1]);
});

test('what changed since a time is listed by what changed, removals apart; files that stayed are not in it', () => {
  const { root, look, changes } = start();
  for (const name of ['stays', 'edited', 'chmodded', 'removed', 'renamed', 'sub/inner']) writeFileSync(`${root}/${name}`, name);
  look({ startedAtMs: 1_000 });
  writeFileSync(`${root}/edited`, 'another');
  chmodSync(`${root}/chmodded`, 0o600);
  rmSync(`${root}/removed`);
  renameSync(`${root}/renamed`, `${root}/sub/moved`);
  writeFileSync(`${root}/new`, '');
  look({ startedAtMs: 2_000 });
  const expected = ['attributes chmodded', 'content edited', 'new new', 'new sub/moved'];
  expect(changes(1_000)).toEqual(expected);
  expect(changes(1_999)).toEqual(expected);
  expect(changes(2_000)).toEqual([]);
  expect(changes(1_000, true)).toEqual(['removed removed', 'removed renamed']);
  // Nothing was known before the first look: all is listed.
  expect(changes(999)).toHaveLength(6);
});

test('what was removed and is back is listed as what is there, and no longer as removed', () => {
  const { root, look, changes } = start();
  writeFileSync(`${root}/f`, '1');
  look({ startedAtMs: 1_000 });
  rmSync(`${root}/f`);
  look({ startedAtMs: 2_000 });
  writeFileSync(`${root}/f`, '2');
  look({ startedAtMs: 3_000 });
  expect([changes(1_000), changes(1_000, true)]).toEqual([['new f'], []]);
});

test('a look that ends early does no harm to the next one', () => {
  const { root, index, look, changes } = start();
  for (const name of ['a', 'b', 'c']) writeFileSync(`${root}/${name}`, name);
  look({ startedAtMs: 1_000 });
  writeFileSync(`${root}/a`, 'changed');
  writeFileSync(`${root}/c`, 'changed');
  let seen = 0;
  const end = () => {
    if (++seen > 3) throw new ManifestEnded();
  };
  expect(() => lookAt(index, [root], { startedAtMs: 2_000, onProgress: end })).toThrow(ManifestEnded);
  look({ startedAtMs: 3_000 });
  expect(changes(1_000)).toEqual(['content a', 'content c']);
  expect(changes(1_000, true)).toEqual([]);
});

test('the roots of other replicas inside are passed over, and what leaves a root for another is told where it is', () => {
  const { root, index } = start();
  writeFileSync(`${root}/sub/theirs`, '');
  mkdirSync(`${root}/own`);
  writeFileSync(`${root}/own/f`, '');
  const { entries } = lookAt(index, [root, `${root}/own`], { isLeftOut: (path) => path === `${root}/sub` });
  expect(entries.map(({ root: at, path }) => `${at}:${path}`)).toEqual(['0:', '1:', '1:f']);
});

test.skipIf(mayReadAll())('what cannot be read is in the manifest as unreadable, and what is in it not taken for removed', () => {
  const { root, look, changes } = start();
  writeFileSync(`${root}/sub/inner`, 'x');
  writeFileSync(`${root}/secret`, 'x');
  look({ startedAtMs: 1_000 });
  chmodSync(`${root}/sub`, 0o000);
  chmodSync(`${root}/secret`, 0o000);
  const { totals, entries } = look({ startedAtMs: 2_000 });
  chmodSync(`${root}/sub`, 0o700);
  expect(totals.unreadable).toBe(2);
  expect(entries.filter(({ unreadable }) => unreadable === 'permission-denied').map(({ path }) => path)).toEqual([
    'secret',
    'sub',
  ]);
  expect(changes(1_000, true)).toEqual([]);
});

test('looks by a clock that was set back are in the order in which they were made: nothing that changed is left out', () => {
  const { root, look, changes } = start();
  writeFileSync(`${root}/f`, '1');
  writeFileSync(`${root}/g`, '1');
  look({ startedAtMs: 5_000 });
  writeFileSync(`${root}/f`, '22');
  rmSync(`${root}/g`);
  look({ startedAtMs: 3_000 });
  expect([changes(5_000), changes(5_000, true)]).toEqual([['content f'], ['removed g']]);
  writeFileSync(`${root}/f`, '333');
  look({ startedAtMs: 4_000 });
  // A certificate of the second look says 3,000; too much is listed, never too little.
  expect(changes(3_000)).toEqual(['new f']);
  expect(changes(5_001)).toEqual(['content f']);
});

test('what is read after a look was given up is not taken for what was there when it began', () => {
  const { root, index, look, changes } = start();
  for (const name of ['a', 'b', 'c']) writeFileSync(`${root}/${name}`, name);
  look({ startedAtMs: 1_000 });
  writeFileSync(`${root}/b`, 'first change');
  let isEnded = false;
  // The replica goes on between the look at the folder and the reading of its file.
  const nowMs = () => {
    isEnded = true;
    writeFileSync(`${root}/b`, 'a later one');
    rmSync(`${root}/c`);
    return Date.now() + 60_000;
  };
  const onProgress = () => {
    if (isEnded) throw new ManifestEnded();
  };
  expect(() => lookAt(index, [root], { startedAtMs: 2_000, onProgress, nowMs })).toThrow(ManifestEnded);
  look({ startedAtMs: 3_000 });
  expect([changes(2_500), changes(2_500, true)]).toEqual([['content b'], ['removed c']]);
});

test('a removal that is noticed after a look was given up is told with the time of the next look', () => {
  const { root, index, look, changes } = start();
  for (const name of ['a', 'b', 'c']) writeFileSync(`${root}/${name}`, name);
  look({ startedAtMs: 1_000 });
  rmSync(`${root}/b`);
  let seen = 0;
  const onProgress = () => {
    if (++seen > 2) throw new ManifestEnded();
  };
  expect(() => lookAt(index, [root], { startedAtMs: 2_000, onProgress })).toThrow(ManifestEnded);
  look({ startedAtMs: 3_000 });
  expect(changes(2_500, true)).toEqual(['removed b']);
});

test('a root that is not there is told as unreadable, and nothing in it is taken for removed', () => {
  const { root, look, changes } = start();
  writeFileSync(`${root}/f`, '1');
  look({ startedAtMs: 1_000 });
  renameSync(root, `${root}-away`);
  const { entries, totals } = look({ startedAtMs: 2_000 });
  renameSync(`${root}-away`, root);
  expect(entries).toMatchObject([{ root: 0, path: '', kind: 'other', unreadable: 'not-found' }]);
  expect([totals.unreadable, changes(1_000, true)]).toEqual([1, []]);
});
