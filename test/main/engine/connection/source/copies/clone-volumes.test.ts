import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CloneVolumes } from '../../../../../../src-main/engine/connection/source/copies/clone-volumes.ts';
import { Roots } from '../../../../../../src-main/engine/connection/source/roots.ts';
import { statFd } from '../../../../../../src-main/engine/fs/index.ts';
import { makeReadOnly, mountFresh, whyNoVolume } from '../../../../../support/loop-volume.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

const place = { root: 0, path: 'deep/file' };

function open(root: string) {
  mkdirSync(`${root}/deep`, { recursive: true });
  writeFileSync(`${root}/deep/file`, 'one'.repeat(10_000));
  const settings = { isEnabled: true, keepFreePercent: 5 };
  const clones = new CloneVolumes({ roots: new Roots([root], []), connectionId: 'id', settings: () => settings });
  const fd = openSync(`${root}/deep/file`, 'r+');
  onTestFinished(() => closeSync(fd));
  return { clones, fd, settings, clone: () => clones.clone(place, fd, statFd(fd)), stat: () => statFd(fd) };
}

test('a volume that shares no blocks is told as such, and nothing is made there', ({ skip }) => {
  const root = `${tempFolder()}/root`;
  const { clones, clone, stat } = open(root);
  expect(clones.facts()).toMatchObject({ state: 'untried', made: 0 });
  expect(clones.mayClone(stat())).toBe(true);
  try {
    clone().close();
  } catch (error) {
    expect(error).toMatchObject({ code: 'unsupported' });
    expect(clones.facts().state).toBe('impossible');
    expect(clones.mayClone(stat())).toBe(false);
    expect(readdirSync(`${root}/..`)).toEqual(['root']);
    return;
  }
  skip('NOT TESTED HERE: the folder for temporary files can clone');
});

describe.each(['xfs', 'btrfs'] as const)('on %s', (kind) => {
  const why = whyNoVolume(kind);
  if (why !== null) console.warn(`clone-volumes.test.ts: nothing is cloned on ${kind}: ${why}.`);

  test.skipIf(why !== null)('a clone keeps what the file was, costs it nothing, and leaves nothing', () => {
    const volume = `${tempFolder()}/volume`;
    mountFresh(kind, volume);
    const { clones, fd, clone } = open(`${volume}/root`);
    const before = statSync(`${volume}/root/deep/file`, { bigint: true });
    const made = clone();
    const after = statSync(`${volume}/root/deep/file`, { bigint: true });
    expect([after.mtimeNs, after.ctimeNs, after.size]).toEqual([before.mtimeNs, before.ctimeNs, before.size]);
    writeSync(fd, 'TWO', 0);
    expect(readFileSync(made.fd, 'utf8')).toBe('one'.repeat(10_000));
    // Beside the root, and under no name.
    expect(readdirSync(volume).sort()).toEqual(['.understudy-stage', 'root']);
    expect(readdirSync(`${volume}/.understudy-stage/id`)).toEqual([]);
    made.close();
    clones.close();
    expect(readdirSync(volume)).toEqual(['root']);
    expect(clones.facts().made).toBe(1);
  });

  test.skipIf(why !== null)(
    'where only the root is on the volume, its folder is in it; one that a kill left goes at the start',
    () => {
      const volume = `${tempFolder()}/volume`;
      mountFresh(kind, volume);
      const { clones, clone } = open(volume);
      clone().close();
      expect(existsSync(`${volume}/.understudy-stage/id`)).toBe(true);
      const next = new CloneVolumes({ roots: new Roots([volume], []), connectionId: 'id', settings: () => ({ isEnabled: true, keepFreePercent: 5 }) }); // prettier-ignore
      next.sweep();
      expect(existsSync(`${volume}/.understudy-stage`)).toBe(false);
      clones.close();
    },
  );

  test.skipIf(why !== null)('no clone is made of what would fill the volume', () => {
    const volume = `${tempFolder()}/volume`;
    mountFresh(kind, volume);
    const { clones, fd, settings, clone, stat } = open(`${volume}/root`);
    settings.keepFreePercent = 50;
    const { blocks, bsize } = statfsSync(volume);
    expect(() => clones.clone(place, fd, { ...stat(), allocatedBytes: (blocks * bsize) / 2 })).toThrow(/disk-full/);
    expect(clones.facts()).toMatchObject({ state: 'works', made: 0 });
    expect(clones.facts().why).toContain('the last one failed');
    clone().close();
    expect(clones.facts()).toMatchObject({ state: 'works', why: '', made: 1 });
    clones.close();
  });

  test.skipIf(why !== null)('a volume that is read-only has no clones, and is asked again later', () => {
    const volume = `${tempFolder()}/volume`;
    mountFresh(kind, volume);
    mkdirSync(`${volume}/deep`);
    writeFileSync(`${volume}/deep/file`, 'one');
    makeReadOnly(volume);
    const clock = { nowMs: 0 };
    const settings = () => ({ isEnabled: true, keepFreePercent: 5 });
    const clones = new CloneVolumes({ roots: new Roots([volume], []), connectionId: 'id', settings, nowMs: () => clock.nowMs });
    const fd = openSync(`${volume}/deep/file`, 'r');
    onTestFinished(() => closeSync(fd));
    expect(() => clones.clone(place, fd, statFd(fd))).toThrow(/unsupported/);
    expect(clones.facts().state).toBe('impossible');
    expect(clones.facts().why).toMatch(/read.only/i);
    expect(clones.mayClone(statFd(fd))).toBe(false);
    clock.nowMs += 60_001;
    expect(clones.mayClone(statFd(fd))).toBe(true);
  });
});

test('switched off nothing is cloned', () => {
  const { clones, settings, stat } = open(`${tempFolder()}/root`);
  settings.isEnabled = false;
  expect(clones.mayClone(stat())).toBe(false);
  expect(clones.facts().state).toBe('off');
});
