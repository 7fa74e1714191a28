import { lstatSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Roots } from '../../../../../src-main/engine/connection/source/roots.ts';
import { mountAt, unmount, whyNoMounts } from '../../../../support/can-mount.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

test('a root that vanished or was replaced is noticed', () => {
  const folder = `${tempFolder()}/root`;
  mkdirSync(folder);
  const born = lstatSync(folder, { bigint: true }).birthtimeNs;
  const roots = new Roots([folder], []);
  const stored = JSON.parse(JSON.stringify(roots.adopt())) as ReturnType<Roots['adopt']>;
  const later = new Roots([folder], stored);
  later.checkAll();
  rmSync(folder, { recursive: true });
  expect(() => later.checkAll()).toThrow(
    expect.objectContaining({ code: 'source-vanished', details: { path: folder, replaced: false } }),
  );
  // The clock of births ticks a few times in a hundredth of a second, and the inode may come back at once.
  do {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
  } while (lstatSync(folder, { bigint: true }).birthtimeNs === born);
  expect(() => later.checkAll()).toThrow(
    expect.objectContaining({ code: 'source-vanished', details: { path: folder, replaced: true } }),
  );
});

const why = whyNoMounts();
const describeMounts = why === null ? describe : describe.skip;
describeMounts(`volumes below a root${why === null ? '' : ` (NOT TESTED HERE: ${why})`}`, () => {
  test.each(['tmpfs', 'bind'])('a volume that is no longer mounted counts as vanished, not as empty: %s', (kind) => {
    const base = realpathSync(tempFolder());
    for (const name of ['root', 'root/volume', 'root/later', 'elsewhere']) mkdirSync(`${base}/${name}`);
    const mountOn = (folder: string) => mountAt(folder, kind === 'bind' ? `${base}/elsewhere` : undefined);
    mountOn(`${base}/root/volume`);
    const roots = new Roots([`${base}/root`], []);
    roots.adopt();
    roots.checkAll();
    expect(roots.adoptMounts()).toBeNull();
    mountOn(`${base}/root/later`);
    const identities = roots.adoptMounts();
    const restarted = new Roots([`${base}/root`], JSON.parse(JSON.stringify(identities)) as NonNullable<typeof identities>);
    restarted.checkAll();
    for (const volume of [`${base}/root/later`, `${base}/root/volume`]) {
      unmount(volume);
      const details = { path: volume, replaced: true };
      for (const each of [roots, restarted])
        expect(() => each.checkAll()).toThrow(expect.objectContaining({ code: 'source-vanished', details }));
      mountOn(volume);
    }
    roots.checkAll();
    // A person said that what is there now is the source.
    unmount(`${base}/root/later`);
    roots.adopt();
    roots.checkAll();
  });
});
