import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { FanotifyFollower, FollowedSet } from '../../../src-main/engine/capture/index.ts';
import type { Notice } from '../../../src-main/engine/model/index.ts';
import { mountAt, whyNoMounts } from '../../support/can-mount.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const all = { selects: () => true, descends: () => true, selectsAllBelow: () => true };

/** A follower of this machine; the test is skipped where there can be none. */
function startFollower(skip: TestContext['skip']): FanotifyFollower {
  try {
    const follower = new FanotifyFollower();
    onTestFinished(() => follower.dispose());
    return follower;
  } catch (error) {
    if (error instanceof ReplicationError && error.code === 'unsupported') skip(`NOT TESTED HERE: ${String(error.details.why)}`);
    throw error;
  }
}

function followed(
  follower: FanotifyFollower,
  roots: readonly string[],
  selection: Partial<typeof all> | object = {},
): FollowedSet {
  const set = new FollowedSet({ options: { ...all, ...selection, roots }, now: () => performance.now() });
  follower.add(set);
  return set;
}

/** Reads until nothing waits any more. */
function drain(follower: FanotifyFollower): void {
  do {
    follower.wait(0, []);
    follower.handle();
  } while (!follower.isDrained);
}

const isOfInterest = ({ kind }: Notice): boolean => kind === 'renamed' || kind === 'gone';

test('sets that share folders are each told what concerns them, under their own names and by their own rules', ({ skip }) => {
  const follower = startFollower(skip);
  const folder = tempFolder();
  mkdirSync(`${folder}/inner`);
  const whole = followed(follower, [`${folder}/inner`, folder]);
  const inner = followed(follower, [`${folder}/inner`]);
  const without = followed(follower, [folder], { selects: (path: string) => !path.endsWith('.tmp') });
  writeFileSync(`${folder}/inner/a.tmp`, 'x');
  drain(follower);
  expect(inner.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'a.tmp' }, content: true }]);
  expect(without.take()).toEqual([{ kind: 'disturbed', place: { root: 0, path: 'inner' } }]);
  expect(whole.take()).toContainEqual({ kind: 'touched', place: { root: 0, path: 'a.tmp' }, content: true });

  renameSync(`${folder}/inner/a.tmp`, `${folder}/inner/b`);
  drain(follower);
  expect(inner.take()).toEqual([
    { kind: 'renamed', from: { root: 0, path: 'a.tmp' }, to: { root: 0, path: 'b' }, isFolder: false },
  ]);
  expect(without.take()).toEqual([
    { kind: 'disturbed', place: { root: 0, path: 'inner' } },
    { kind: 'touched', place: { root: 0, path: 'inner/b' }, content: true },
  ]);
  renameSync(`${folder}/inner/b`, `${folder}/b`);
  drain(follower);
  expect(inner.take().filter(isOfInterest)).toEqual([
    { kind: 'gone', place: { root: 0, path: 'b' }, isFolder: false, isMoved: true },
  ]);
  expect(without.take()).toEqual([
    { kind: 'renamed', from: { root: 0, path: 'inner/b' }, to: { root: 0, path: 'b' }, isFolder: false },
  ]);
});

test('a set comes and goes while others are followed, and takes nothing with it', ({ skip }) => {
  const follower = startFollower(skip);
  const [one, two] = [tempFolder(), tempFolder()];
  const first = followed(follower, [one]);
  writeFileSync(`${one}/before`, 'x');
  const second = followed(follower, [two]);
  const twin = followed(follower, [one]);
  expect(() => followed(follower, [two, `${two}/none`])).toThrow(expect.objectContaining({ code: 'not-found' }));
  mkdirSync(`${two}/folder`);
  drain(follower);
  expect(first.take()).toHaveLength(1);
  expect(second.take()).toEqual([{ kind: 'appeared', place: { root: 0, path: 'folder' } }]);

  // The way to the file system that was known first is gone with the first set, and so is its folder in a moment.
  follower.remove(first);
  first.take();
  twin.take();
  writeFileSync(`${one}/f`, 'x');
  writeFileSync(`${two}/folder/f`, 'x');
  drain(follower);
  expect(first.take()).toEqual([]);
  expect(twin.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'f' }, content: true }]);
  expect(second.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'folder/f' }, content: true }]);

  rmSync(one, { recursive: true });
  mkdirSync(`${two}/folder/new`);
  writeFileSync(`${two}/folder/new/f`, 'x');
  drain(follower);
  expect(twin.take()).toContainEqual({ kind: 'root-gone', root: 0 });
  expect(second.take()).toContainEqual({ kind: 'appeared', place: { root: 0, path: 'folder/new' } });
});

describe('a busy folder outside all sets', () => {
  /** Events of files in the folder that the kernel still makes. */
  const eventsOf = (follower: FanotifyFollower, folder: string): number => {
    drain(follower);
    for (let i = 0; i < 20; i++) writeFileSync(`${folder}/more${i}`, 'x');
    let count = 0;
    // What others do on the volume may come first.
    for (let isOver = false; !isOver;) {
      const { events, isDrained } = follower.group.read(0);
      count += events.filter(({ name }) => name.startsWith('more')).length;
      isOver = isDrained;
    }
    return count;
  };
  const keepBusy = (follower: FanotifyFollower, folder: string): void => {
    for (let i = 0; i < 40; i++) writeFileSync(`${folder}/f${i}`, 'x');
    drain(follower);
  };

  test('is left out by the kernel, and what moves from it into a set is told all the same', ({ skip }) => {
    const follower = startFollower(skip);
    const [set, outside] = [tempFolder(), tempFolder()];
    const told = followed(follower, [set]);
    expect(eventsOf(follower, outside)).toBeGreaterThan(0);
    keepBusy(follower, outside);
    if (eventsOf(follower, outside) > 0) skip('NOT TESTED HERE: the kernel is older than 6.0 and leaves nothing out');
    drain(follower);
    expect(told.take()).toEqual([]);
    renameSync(`${outside}/f1`, `${set}/f1`);
    mkdirSync(`${outside}/below`);
    renameSync(`${outside}/below`, `${set}/below`);
    drain(follower);
    expect(told.take()).toEqual([
      { kind: 'touched', place: { root: 0, path: 'f1' }, content: true },
      { kind: 'appeared', place: { root: 0, path: 'below' } },
    ]);
  });

  test('is followed from the moment on when it comes into a set, itself or with a folder above it', ({ skip }) => {
    const follower = startFollower(skip);
    const [set, outside] = [tempFolder(), tempFolder()];
    const told = followed(follower, [set]);
    mkdirSync(`${outside}/above/busy`, { recursive: true });
    mkdirSync(`${outside}/other`);
    for (const name of ['above/busy', 'other']) keepBusy(follower, `${outside}/${name}`);
    renameSync(`${outside}/above`, `${set}/above`);
    drain(follower);
    renameSync(`${outside}/other`, `${set}/other`);
    drain(follower);
    expect(told.take()).toEqual([
      { kind: 'appeared', place: { root: 0, path: 'above' } },
      { kind: 'appeared', place: { root: 0, path: 'other' } },
    ]);
    for (const name of ['above/busy', 'other']) writeFileSync(`${set}/${name}/f1`, 'y');
    drain(follower);
    expect(told.take()).toEqual(
      ['above/busy/f1', 'other/f1'].map((path) => ({ kind: 'touched', place: { root: 0, path }, content: true })),
    );
  });

  test('is followed when a merged event hid that it came into a set', ({ skip }) => {
    const follower = startFollower(skip);
    const [set, outside] = [tempFolder(), tempFolder()];
    const told = followed(follower, [set]);
    mkdirSync(`${outside}/busy`);
    drain(follower);
    renameSync(`${outside}/busy`, `${set}/busy`);
    renameSync(`${set}/busy`, `${outside}/busy`);
    for (let i = 0; i < 40; i++) writeFileSync(`${outside}/busy/f${i}`, 'x');
    renameSync(`${outside}/busy`, `${set}/busy`);
    drain(follower);
    told.take();
    writeFileSync(`${set}/busy/f1`, 'y');
    drain(follower);
    expect(told.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'busy/f1' }, content: true }]);
  });

  test('is followed when a set begins that holds it', ({ skip }) => {
    const follower = startFollower(skip);
    const [set, outside] = [tempFolder(), tempFolder()];
    followed(follower, [set]);
    keepBusy(follower, outside);
    const told = followed(follower, [outside]);
    writeFileSync(`${outside}/f1`, 'y');
    drain(follower);
    expect(told.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'f1' }, content: true }]);
  });
});

test('what came into a set again on a detour outside is told although that rename was merged into its first', ({ skip }) => {
  const follower = startFollower(skip);
  const [set, outside] = [tempFolder(), tempFolder()];
  const told = followed(follower, [set]);
  mkdirSync(`${outside}/folder`);
  writeFileSync(`${outside}/file`, 'x');
  drain(follower);
  for (const name of ['folder', 'file']) {
    renameSync(`${outside}/${name}`, `${set}/${name}`);
    renameSync(`${set}/${name}`, `${outside}/${name}-away`);
    renameSync(`${outside}/${name}-away`, `${outside}/${name}`);
    renameSync(`${outside}/${name}`, `${set}/${name}`);
  }
  drain(follower);
  expect(told.take().slice(-2)).toEqual([
    { kind: 'appeared', place: { root: 0, path: 'folder' } },
    { kind: 'touched', place: { root: 0, path: 'file' }, content: true },
  ]);
  writeFileSync(`${set}/folder/new`, 'y');
  drain(follower);
  expect(told.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'folder/new' }, content: true }]);
});

test('a folder that was renamed into another one is followed with that although the rename was merged into an earlier one', ({
  skip,
}) => {
  const follower = startFollower(skip);
  const [set, outside] = [tempFolder(), tempFolder()];
  const told = followed(follower, [set]);
  for (const path of ['moved', 'into']) mkdirSync(`${outside}/${path}`);
  drain(follower);
  renameSync(`${outside}/moved`, `${outside}/into/moved`);
  renameSync(`${outside}/into/moved`, `${outside}/moved`);
  renameSync(`${outside}/into`, `${set}/into`);
  renameSync(`${outside}/moved`, `${set}/into/moved`);
  drain(follower);
  told.take();
  writeFileSync(`${set}/into/moved/new`, 'y');
  drain(follower);
  expect(told.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'into/moved/new' }, content: true }]);
});

test('folders that were renamed while nobody followed their file system are told under their new names afterwards', ({
  skip,
}) => {
  const follower = startFollower(skip);
  const here = tempFolder();
  if (!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync(here).dev)
    skip('NOT TESTED HERE: /dev/shm is no other volume');
  const there = mkdtempSync('/dev/shm/follower-');
  onTestFinished(() => rmSync(there, { recursive: true }));
  const other = followed(follower, [here]);
  const first = followed(follower, [there]);
  mkdirSync(`${there}/old`);
  writeFileSync(`${there}/old/f`, 'x');
  drain(follower);
  expect(first.take()).not.toEqual([]);
  // Still waits when the set goes.
  renameSync(`${there}/old`, `${there}/older`);
  follower.remove(first);
  renameSync(`${there}/older`, `${there}/new`);
  writeFileSync(`${here}/meanwhile`, 'x');
  const second = followed(follower, [there]);
  writeFileSync(`${there}/new/f`, 'y');
  drain(follower);
  expect(second.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'new/f' }, content: true }]);
  expect(other.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'meanwhile' }, content: true }]);
});

test('folders and names for which no path is long enough end nothing, wherever they are', ({ skip }) => {
  const follower = startFollower(skip);
  const [far, near] = [tempFolder(), tempFolder()];
  const deep = followed(follower, [far]);
  const other = followed(follower, [near]);
  // As deep as a path can be named, and deeper.
  const name = 'd'.repeat(250);
  let fd = openSync(far, 'r');
  for (let depth = 0; depth < 18; depth++) {
    mkdirSync(`/proc/self/fd/${fd}/${name}`);
    const [a, b] = [`/proc/self/fd/${fd}/a${name}`, `/proc/self/fd/${fd}/b${name}`];
    writeFileSync(a, 'x');
    // Told as away and back, so that somebody has to look.
    renameSync(a, b);
    renameSync(b, a);
    renameSync(a, b);
    const below = openSync(`/proc/self/fd/${fd}/${name}`, 'r');
    closeSync(fd);
    fd = below;
  }
  closeSync(fd);
  writeFileSync(`${near}/f`, 'x');
  drain(follower);
  expect(other.take()).toHaveLength(1);
  expect(deep.take()).toContainEqual({ kind: 'appeared', place: { root: 0, path: name } });
});

test.skipIf(whyNoMounts() !== null)(
  'a set that is reached by a mount of a part of the file system hides nothing from others',
  ({ skip }) => {
    const follower = startFollower(skip);
    const [whole, window] = [tempFolder(), tempFolder()];
    mkdirSync(`${whole}/part/inner`, { recursive: true });
    mkdirSync(`${whole}/beside/inner`, { recursive: true });
    mountAt(window, `${whole}/part`);
    const part = followed(follower, [window]);
    const all = followed(follower, [whole]);
    writeFileSync(`${whole}/beside/inner/f`, 'x');
    drain(follower);
    expect(part.take()).toEqual([]);
    expect(all.take()).toEqual([{ kind: 'touched', place: { root: 0, path: 'beside/inner/f' }, content: true }]);
    writeFileSync(`${whole}/part/inner/f`, 'x');
    writeFileSync(`${whole}/part/f`, 'x');
    drain(follower);
    expect(part.take().map((notice) => 'place' in notice && notice.place.path)).toEqual(['inner/f', 'f']);
    expect(all.take().map((notice) => 'place' in notice && notice.place.path)).toEqual(['part/inner/f', 'part/f']);
  },
);
