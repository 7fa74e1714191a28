import { ReplicationError, showName } from '../../../base/index.ts';
import { isSameFolder, folderIdentity, type FolderIdentity } from '../../fs/index.ts';
import type { AbsolutePath, Place } from '../../model/index.ts';
import { isMounted, mountsIn, type MountIdentity } from './mount-identity.ts';

/** What a root was when the connection first saw it. A root that is something else now may be an unmounted or replaced volume. */
export interface RootIdentity extends FolderIdentity {
  /** Volumes that are mounted below it. */
  readonly mounts?: readonly MountIdentity[];
}

/** The roots of a connection on the source's disk, and the guard over them. */
export class Roots {
  readonly paths: readonly AbsolutePath[];
  #identities: readonly (RootIdentity | null)[];

  constructor(paths: readonly AbsolutePath[], identities: readonly (RootIdentity | null)[]) {
    this.paths = paths;
    this.#identities = identities;
  }

  absolute(place: Place): AbsolutePath {
    const root = this.paths[place.root] ?? '';
    if (place.path === '') return root;
    return root === '/' ? `/${place.path}` : `${root}/${place.path}`;
  }

  /** Throws `source-vanished` when a root is not there or is not the one that it was. Before any deletion is sent, ask this. */
  check(index: number): void {
    this.#compare(index, false);
  }

  /** As `check`, for all of them and with the numbers of their volumes. */
  checkAll(): void {
    this.paths.forEach((_, index) => this.#compare(index, true));
  }

  /** Devices that have other numbers since the roots were adopted, though they are the same volumes. */
  renumbered(): readonly { readonly from: bigint; readonly to: bigint }[] {
    return this.paths.flatMap((path, index) => {
      const before = this.#identities[index]?.dev;
      const now = folderIdentity(path, { volume: false })?.dev;
      return before === undefined || now === undefined || before === now ? [] : [{ from: BigInt(before), to: BigInt(now) }];
    });
  }

  /** As `checkAll`, for whoever knows already what is wrong. */
  areHere(): boolean {
    try {
      this.checkAll();
      return true;
    } catch {
      return false;
    }
  }

  /** Takes the roots as they are now; throws `source-vanished` when one is missing. Returns what to remember. */
  adopt(): readonly RootIdentity[] {
    const found = this.paths.map((path) => {
      const identity = folderIdentity(path, { volume: true });
      if (identity === null) throw new ReplicationError('source-vanished', { path: showName(path), replaced: false });
      return { ...identity, mounts: mountsIn(path) };
    });
    this.#identities = found;
    return found;
  }

  /** Takes volumes that came below a root as part of it; returns what to remember, null when none came. Those that went stay. */
  adoptMounts(): readonly (RootIdentity | null)[] | null {
    const identities = this.#identities.map((identity, index) => {
      const known = identity?.mounts ?? [];
      const added = mountsIn(this.paths[index] ?? '').filter(({ path }) => !known.some((mount) => mount.path === path));
      return identity === null || added.length === 0 ? identity : { ...identity, mounts: [...known, ...added] };
    });
    if (identities.every((identity, index) => identity === this.#identities[index])) return null;
    this.#identities = identities;
    return identities;
  }

  #compare(index: number, withVolume: boolean): void {
    const path = this.paths[index] ?? '';
    const found = folderIdentity(path, { volume: withVolume });
    const expected = this.#identities[index] ?? null;
    if (found === null) throw new ReplicationError('source-vanished', { path: showName(path), replaced: false });
    if (expected !== null && !isSameFolder(expected, found))
      throw new ReplicationError('source-vanished', { path: showName(path), replaced: true });
    for (const mount of expected?.mounts ?? [])
      if (!isMounted(mount)) throw new ReplicationError('source-vanished', { path: showName(mount.path), replaced: true });
  }
}
