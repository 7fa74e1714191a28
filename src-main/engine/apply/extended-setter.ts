import { statfsSync } from 'node:fs';
import { ReplicationError } from '../../base/index.ts';
import { ACL_ACCESS, ACL_DEFAULT, isCarriedAttribute, native, readExtended, removeExtended, setExtended } from '../fs/index.ts';
import type { AbsolutePath, ExtendedAttribute, Loss } from '../model/index.ts';

/** With more free room than this a volume that says "no space" means the little that an inode has for its attributes. */
const ROOM_BYTES = 1024 * 1024;

/** Sets extended attributes and ACLs. What the volume or our rights refuse is a loss that is told, not a failure of the entry. */
export class ExtendedSetter {
  readonly #onLoss: (path: AbsolutePath, loss: Loss) => void;

  constructor(onLoss: (path: AbsolutePath, loss: Loss) => void) {
    this.#onLoss = onLoss;
  }

  /** For an entry that was just made and has none. Throws coded errors of the disk. */
  setNew(path: AbsolutePath, wanted: readonly ExtendedAttribute[]): void {
    for (const attribute of wanted) this.#set(path, attribute);
  }

  /** For any entry: afterwards it has exactly what is wanted of the names that are carried. Throws coded errors of the disk. */
  set(path: AbsolutePath, wanted: readonly ExtendedAttribute[]): void {
    const present = new Map(readExtended(path).list.map(({ name, value }) => [name, value]));
    for (const attribute of wanted) {
      const found = present.get(attribute.name);
      present.delete(attribute.name);
      if (found?.equals(attribute.value) !== true) this.#set(path, attribute);
    }
    for (const name of present.keys()) this.#try(path, name, () => removeExtended(path, name));
  }

  #set(path: AbsolutePath, attribute: ExtendedAttribute): void {
    // A source decides what it sends; what is taken is decided here.
    if (isCarriedAttribute(attribute.name)) this.#try(path, attribute.name, () => setExtended(path, attribute));
  }

  #try(path: AbsolutePath, name: string, change: () => void): void {
    try {
      change();
    } catch (error) {
      const loss = error instanceof ReplicationError ? lossOf(error, name, path) : null;
      if (loss === null) throw error;
      this.#onLoss(path, loss);
    }
  }
}

/** Null when the failure is one of the disk as a whole. */
function lossOf({ code, details }: ReplicationError, name: string, path: AbsolutePath): Loss | null {
  switch (details.errno) {
    case 'E2BIG':
    case 'ERANGE':
      return 'attribute-space';
    case 'ENOSPC':
      return hasRoom(path) ? 'attribute-space' : null;
    case 'EINVAL':
      return kindOf(name);
    default:
      return code === 'unsupported' || code === 'permission-denied' ? kindOf(name) : null;
  }
}

function kindOf(name: string): Loss {
  if (name === ACL_ACCESS || name === ACL_DEFAULT) return 'acl';
  if (name.startsWith('trusted.')) return 'trusted-attributes';
  return name.startsWith('security.') ? 'security-attributes' : 'user-attributes';
}

function hasRoom(path: AbsolutePath): boolean {
  try {
    const { bavail, bsize } = statfsSync(native(path.slice(0, Math.max(1, path.lastIndexOf('/')))));
    return bavail * bsize > ROOM_BYTES;
  } catch {
    return false; // the op then waits and is tried again, as for a full disk
  }
}
