import { expect, test } from 'vitest';
import { decodeMountInfo, isOnOwnDisks } from '../../../../src-main/engine/fs/index.ts';

const INFO = `22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
30 22 8:1 / /srv rw - xfs /dev/sda1 rw
31 30 0:44 / /srv/far\\040away rw - nfs4 server:/export rw
40 22 0:50 / /home rw - fuse.sshfs somebody@server: rw
41 22 8:2 / /home rw - btrfs /dev/sdb rw
`;

test('mounts are told with their type; one that is hidden by a later one is left out', () => {
  expect(decodeMountInfo(INFO)).toEqual([
    { path: '/', type: 'ext4' },
    { path: '/proc', type: 'proc' },
    { path: '/srv', type: 'xfs' },
    { path: '/srv/far away', type: 'nfs4' },
    { path: '/home', type: 'btrfs' },
  ]);
});

test('a folder is on own disks when the volume that holds it is, and all that is mounted below', () => {
  const mounts = decodeMountInfo(INFO);
  const isOwn = (folder: string) => isOnOwnDisks(folder, mounts);
  expect(['/etc', '/home/eva', '/srv/near', '/srvother'].map(isOwn)).toEqual([true, true, true, true]);
  expect(['/srv', '/srv/far away', '/srv/far away/deep', '/'].map(isOwn)).toEqual([false, false, false, false]);
  expect(isOnOwnDisks('/etc', [])).toBe(false);
});
