const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;
const USER = 0x02;
const GROUP = 0x08;

/** Calls `visit` for each user and group that a POSIX ACL names, in the form in which Linux stores it. Of anything else nothing is visited. */
export function visitAcl(acl: Buffer, visit: (kind: 'user' | 'group', id: number, offset: number) => void): void {
  if (acl.length < HEADER_BYTES || (acl.length - HEADER_BYTES) % ENTRY_BYTES !== 0 || acl.readUInt32LE(0) !== 2) return;
  for (let at = HEADER_BYTES; at < acl.length; at += ENTRY_BYTES) {
    const tag = acl.readUInt16LE(at);
    if (tag === USER) visit('user', acl.readUInt32LE(at + 4), at + 4);
    else if (tag === GROUP) visit('group', acl.readUInt32LE(at + 4), at + 4);
  }
}

/** A copy of an ACL with other numbers for the users and groups that it names. */
export function mapAcl(acl: Buffer, numberOf: (kind: 'user' | 'group', id: number) => number): Buffer {
  const copy = Buffer.from(acl);
  visitAcl(acl, (kind, id, offset) => {
    copy.writeUInt32LE(numberOf(kind, id), offset);
  });
  return copy;
}
