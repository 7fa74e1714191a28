import { ownerName, type OwnerKind } from '../../fs/index.ts';
import { visitAcl, type Attributes } from '../../model/index.ts';
import type { Channel } from '../../transmit/index.ts';
import type { NamedOwner, SourceMessage } from '../../wire/index.ts';

/**
 * Where owners go by name: tells the target the names of users and groups before the first op that has their numbers. Once for each link,
 * so that a user who was made on the target meanwhile is found. Where they go by number it says so, once.
 */
export class OwnerNames {
  readonly #isByName: () => boolean;

  constructor(isByName: () => boolean) {
    this.#isByName = isByName;
  }

  /** The link with the names put in front of what needs them. */
  over(link: Channel): Channel {
    const told = { user: new Set<number>(), group: new Set<number>() };
    let isTellingNames: boolean | null = null;
    return {
      send: (message, payload, onWritten) => {
        const isByName = this.#isByName();
        if (isByName !== isTellingNames && !isByName) link.send({ kind: 'owner-names', byName: false, owners: [] });
        isTellingNames = isByName;
        if (isByName) {
          const owners = newOwners(message, told);
          if (owners.length > 0) link.send({ kind: 'owner-names', byName: true, owners });
        }
        link.send(message, payload, onWritten);
      },
    };
  }
}

function newOwners(message: SourceMessage, told: Readonly<Record<OwnerKind, Set<number>>>): NamedOwner[] {
  const owners: NamedOwner[] = [];
  const meet = (kind: OwnerKind, id: number) => {
    if (told[kind].has(id)) return;
    told[kind].add(id);
    const name = ownerName(kind, id);
    if (name !== null) owners.push({ kind, id, name });
  };
  const look = ({ uid, gid, extended }: Attributes) => {
    meet('user', uid);
    meet('group', gid);
    for (const { name, value } of extended ?? []) if (name.startsWith('system.posix_acl_')) visitAcl(value, meet);
  };
  if (message.kind === 'ops') for (const op of message.ops) if ('attributes' in op) look(op.attributes);
  if (message.kind === 'data-end') look(message.attributes);
  return owners;
}
