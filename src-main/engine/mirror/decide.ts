import type { MirrorOptions } from '../../api/index.ts';
import { assertNever } from '../../base/index.ts';
import type { Attributes, EntryKind, EntryStat } from '../model/index.ts';
import { attributesEqual } from './need.ts';

/** What the target says that it has at a place. */
export interface TargetEntry {
  readonly kind: EntryKind;
  readonly size: number;
  readonly attributes: Attributes;
  readonly linkTarget: string | null;
}

/** Which existing files of the target a mirror leaves alone although they differ. `newer`: those that are not older than the source's. */
export type LeavePolicy = 'nothing' | 'newer' | 'existing';

/** Why an entry is sent or left; the words of plans and their exports. */
export type Reason =
  | 'not on the target'
  | 'every file is sent'
  | 'of another kind'
  | 'another size'
  | 'another date'
  | 'another link text'
  | 'its blocks are compared'
  | 'other attributes'
  | 'equal'
  | 'not newer on the source'
  | 'exists on the target';

/**
 * `create`: the target has nothing there. `replace`: what it has goes. `compare`: its blocks decide. `attributes`: only those are set.
 * `keep`: equal. `leave`: differs, and the options say that the target's stays.
 */
export interface Decision {
  readonly action: 'create' | 'replace' | 'compare' | 'attributes' | 'keep' | 'leave';
  readonly reason: Reason;
}

/**
 * What a mirror with these options does about one entry that the source has: the table of the mirror kinds, as a pure function.
 * `linkTarget` is the source's, for symlinks; `isExtendedEqual` tells of extended attributes and ACLs. Content that `compare` finds equal still gets its attributes set if those differ.
 */
export function decide(
  options: MirrorOptions,
  leaves: LeavePolicy,
  stat: EntryStat,
  linkTarget: string | null,
  found: TargetEntry | null,
  isExtendedEqual = true,
): Decision {
  if (found === null) return { action: 'create', reason: 'not on the target' };
  const hasEqualAttributes = isExtendedEqual && attributesEqual({ kind: found.kind, ...found.attributes }, stat);
  const settled = hasEqualAttributes
    ? ({ action: 'keep', reason: 'equal' } as const)
    : ({ action: 'attributes', reason: 'other attributes' } as const);
  if (found.kind === 'folder' && stat.kind === 'folder') return settled;
  const difference = differenceOf(stat, linkTarget, found);
  if (leaves !== 'nothing') {
    const reason = leaves === 'existing' ? 'exists on the target' : 'not newer on the source';
    const isReplaceable = leaves === 'newer' && stat.mtimeNs > found.attributes.mtimeNs;
    // A folder that is to hold files cannot be left out.
    if (!isReplaceable && stat.kind !== 'folder') return difference === null ? settled : { action: 'leave', reason };
  }
  if (difference === 'of another kind') return { action: 'replace', reason: difference };
  switch (options.kind) {
    case 'all':
      return { action: 'replace', reason: 'every file is sent' };
    case 'different':
      return difference === null ? settled : { action: 'replace', reason: difference };
    case 'checksum':
      if (stat.kind !== 'file') return difference === null ? settled : { action: 'replace', reason: difference };
      if (options.flaggedOnly === true && difference === null) return settled;
      return { action: 'compare', reason: difference ?? 'its blocks are compared' };
    default:
      return assertNever(options.kind);
  }
}

/** What differs at first sight, without a look at content; null for nothing. */
function differenceOf(stat: EntryStat, linkTarget: string | null, found: TargetEntry): Reason | null {
  if (found.kind !== stat.kind) return 'of another kind';
  if (stat.kind === 'symlink') return found.linkTarget === linkTarget ? null : 'another link text';
  if (found.size !== stat.size) return 'another size';
  return found.attributes.mtimeNs === stat.mtimeNs ? null : 'another date';
}

/** What these options leave alone: `newer` is said with the mirror, `existing` is a setting of the connection. */
export function leavePolicy(options: MirrorOptions, overwrite: 'always' | 'if-older' | 'never'): LeavePolicy {
  if (overwrite === 'never') return 'existing';
  return options.newer === true || overwrite === 'if-older' ? 'newer' : 'nothing';
}
