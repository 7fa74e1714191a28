import { readExtended, setExtended } from '../../src-main/engine/fs/index.ts';

const USER = 0x02;
const GROUP = 0x08;

/** Sets `user.NAME`-like attributes; names with their name space. */
export function setAttributes(path: string, attributes: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, value] of Object.entries(attributes)) setExtended(path, { name, value: Buffer.from(value) });
}

/** All carried attributes of an entry as text. */
export function attributesOf(path: string): Record<string, string> {
  return Object.fromEntries(readExtended(path).list.map(({ name, value }) => [name, value.toString('latin1')]));
}

/** The bytes of an ACL that gives rights (0–7) to one user and one group besides owner, group and others. */
export function aclBytes(rights: {
  owner: number;
  user: readonly [uid: number, rights: number];
  group: number;
  namedGroup?: readonly [gid: number, rights: number];
  mask: number;
  other: number;
}): Buffer {
  const none = 0xffff_ffff;
  const entries: [tag: number, rights: number, id: number][] = [
    [0x01, rights.owner, none],
    [USER, rights.user[1], rights.user[0]],
    [0x04, rights.group, none],
    ...(rights.namedGroup === undefined ? [] : [[GROUP, rights.namedGroup[1], rights.namedGroup[0]] as [number, number, number]]),
    [0x10, rights.mask, none],
    [0x20, rights.other, none],
  ];
  const bytes = Buffer.alloc(4 + entries.length * 8);
  bytes.writeUInt32LE(2, 0);
  entries.forEach(([tag, perm, id], i) => {
    bytes.writeUInt16LE(tag, 4 + i * 8);
    bytes.writeUInt16LE(perm, 6 + i * 8);
    bytes.writeUInt32LE(id, 8 + i * 8);
  });
  return bytes;
}
