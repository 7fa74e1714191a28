import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A directory service that does not answer must not hold up a thread for longer. */
const ASK_MS = 5_000;

/** What has a name: a user or a group. */
export type OwnerKind = 'user' | 'group';

/** The name of a user or group on this machine, by whatever it asks for them (files, LDAP, …); null when the number has none. Blocks: keep the answer. */
export function ownerName(kind: OwnerKind, id: number): string | null {
  const [name] = lookUp(kind, String(id))?.split(':') ?? [];
  return name === undefined || name === '' ? null : name;
}

/** The number of a user or group of that name on this machine; null when there is none. Blocks: keep the answer. */
export function ownerId(kind: OwnerKind, name: string): number | null {
  // A name of digits would be taken for a number, one with a dash for an option.
  if (!isOwnerName(name)) return null;
  const id = Number(lookUp(kind, name)?.split(':')[2]);
  return Number.isInteger(id) && id >= 0 && id < 0xffff_ffff ? id : null;
}

/** Whether a text, perhaps from a peer, can be asked for as a name. */
export function isOwnerName(name: string): boolean {
  return name.length <= 256 && /^[^\s:/\p{Cc}-][^:/\p{Cc}]*$/u.test(name) && !/^\d+$/.test(name);
}

/** One line in the form of /etc/passwd or /etc/group. */
function lookUp(kind: OwnerKind, key: string): string | null {
  const database = kind === 'user' ? 'passwd' : 'group';
  try {
    return execFileSync('getent', [database, key], { encoding: 'utf8', timeout: ASK_MS, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    // It says "none" by failing; where there is no such program the file has at least the local ones.
    return fromFile(`/etc/${database}`, key);
  }
}

function fromFile(file: string, key: string): string | null {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.find((line) => line.startsWith(`${key}:`) || line.split(':')[2] === key) ?? null;
  } catch {
    return null;
  }
}
