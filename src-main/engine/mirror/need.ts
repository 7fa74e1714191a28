import { isSurelyRead, type EntryKind, type EntryStat } from '../model/index.ts';

/** What is known of the target's copy of an entry. */
export interface KnownEntry {
  readonly kind: EntryKind;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkTarget: string | null;
  readonly trust: 'left' | 'known' | 'attributes' | 'nothing';
  readonly readAtMs: number;
}

/** `nothing` equal; `note` equal, but what is known of the source's side changed; `attributes`, `content` differ (or may). */
export type Need = 'nothing' | 'note' | 'attributes' | 'content';

/** Why an entry is looked at. A notice tells what sort of change there was; at rest only the disk can tell. */
export type Look = 'content-notice' | 'attributes-notice' | 'at-rest';

/**
 * What the target needs so that its copy equals the entry. At rest a changed ctime alone counts as changed content, because a program
 * can set size and mtime back but not ctime. `isSuspect`: the content was not surely read at the noted ctime, and a notice may have been
 * lost since (a kill came), so that a change which the noted time stamps do not show is reckoned with.
 */
export function needOf(
  known: KnownEntry | null,
  stat: EntryStat,
  look: Look,
  linkTarget: string | null = null,
  isSuspect = false,
): Need {
  if (known === null || known.trust === 'nothing' || known.kind !== stat.kind) return 'content';
  if (known.trust === 'left') {
    // The target has another version on purpose: only a change on the source replaces it.
    const isAsNoted = known.size === stat.size && known.mtimeNs === stat.mtimeNs;
    return isAsNoted && (look === 'attributes-notice' || known.ctimeNs === stat.ctimeNs) ? 'nothing' : 'content';
  }
  const isSameObject = known.ino === BigInt.asIntN(64, stat.ino) && known.dev === BigInt.asIntN(64, stat.dev);
  const isNoted = isSameObject && known.ctimeNs === stat.ctimeNs;
  if (stat.kind === 'symlink' && known.linkTarget !== linkTarget) return 'content';
  if (stat.kind === 'file') {
    if (known.size !== stat.size || !isSameObject) return 'content';
    const isUntouched = known.mtimeNs === stat.mtimeNs && known.ctimeNs === stat.ctimeNs;
    if (look === 'content-notice' && (!isUntouched || !isSurelyRead(known))) return 'content';
    if (look === 'at-rest' && (!isUntouched || isSuspect)) return 'content';
  }
  if (known.trust === 'attributes' || !attributesEqual(known, stat)) return 'attributes';
  return isNoted ? 'nothing' : 'note';
}

export function attributesEqual(known: Pick<KnownEntry, 'mode' | 'uid' | 'gid' | 'mtimeNs' | 'kind'>, stat: EntryStat): boolean {
  return (
    known.mtimeNs === stat.mtimeNs &&
    known.uid === stat.uid &&
    known.gid === stat.gid &&
    // A symlink's own mode is always 777 and cannot be set.
    (known.kind === 'symlink' || known.mode === stat.mode)
  );
}
