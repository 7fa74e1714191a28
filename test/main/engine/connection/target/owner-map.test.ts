import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OwnerMap } from '../../../../../src-main/engine/connection/target/owner-map.ts';
import { isOwnerName, ownerId, ownerName } from '../../../../../src-main/engine/fs/index.ts';
import { aclBytes } from '../../../../support/extended-attributes.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const daemon = ownerId('user', 'daemon') ?? 1;
const acl = (uid: number) => [
  {
    name: 'system.posix_acl_access',
    value: aclBytes({ owner: 6, user: [uid, 6], group: 4, namedGroup: [7, 5], mask: 7, other: 0 }),
  },
  { name: 'user.a', value: Buffer.from('unchanged') },
];
const attributes = (uid: number, gid: number) => ({ mode: 0o644, uid, gid, mtimeNs: 1n, extended: acl(uid) });

test('a name that is known here gives its number, in ACLs too; back it gives that of the source; it outlives a restart', () => {
  const file = `${tempFolder()}/owners`;
  const map = OwnerMap.open(file);
  const owners = [
    { kind: 'user', id: 5000, name: 'daemon' },
    { kind: 'group', id: 7, name: 'no such group here' },
  ] as const;
  map.take({ kind: 'owner-names', byName: true, owners });
  for (const it of [map, OwnerMap.open(file)]) {
    expect(it.arriving(attributes(5000, 7))).toEqual(attributes(daemon, 7));
    expect(it.leaving(attributes(daemon, 7))).toEqual(attributes(5000, 7));
  }
});

test('an owner here whose number means another one on the source is never taken for equal', () => {
  const map = OwnerMap.open(`${tempFolder()}/owners`);
  map.take({ kind: 'owner-names', byName: true, owners: [{ kind: 'user', id: 5000, name: 'daemon' }] });
  expect(map.leaving({ mode: 0, uid: 5000, gid: 0, mtimeNs: 0n }).uid).toBe(0xffff_fffe);
  expect(map.leaving({ mode: 0, uid: 4000, gid: 0, mtimeNs: 0n }).uid).toBe(4000);
});

test('by number nothing is translated and nothing is stored; a damaged file is an empty one', () => {
  const file = `${tempFolder()}/owners`;
  const map = OwnerMap.open(file);
  map.take({ kind: 'owner-names', byName: false, owners: [] });
  expect(existsSync(file)).toBe(false);
  const given = attributes(5000, 7);
  expect(map.arriving(given)).toBe(given);
  writeFileSync(file, '{"version":1,');
  expect(OwnerMap.open(file).arriving(given)).toBe(given);
});

test('going back to numbers forgets the names', () => {
  const map = OwnerMap.open(`${tempFolder()}/owners`);
  map.take({ kind: 'owner-names', byName: true, owners: [{ kind: 'user', id: 5000, name: 'daemon' }] });
  map.take({ kind: 'owner-names', byName: false, owners: [] });
  expect(map.arriving({ mode: 0, uid: 5000, gid: 0, mtimeNs: 0n }).uid).toBe(5000);
});

test('names and numbers of this machine are found; what is no name is not asked for', () => {
  expect(ownerName('user', 0)).toBe('root');
  expect(ownerId('user', 'root')).toBe(0);
  expect(ownerName('group', 0)).toBe('root');
  expect(ownerName('user', 3_999_999_999)).toBeNull();
  expect(ownerId('user', 'nobody-of-that-name')).toBeNull();
  for (const name of ['', '0', '1000', '-s', 'a:b', 'a\nb', 'a\0b', ' a', 'x'.repeat(300)]) expect(isOwnerName(name)).toBe(false);
  for (const name of ['anna', 'DOMAIN\\anna b', 'anna@example.org', 'ännä']) expect(isOwnerName(name)).toBe(true);
});
