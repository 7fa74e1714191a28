import type { Preservation, PreservedProperty } from '../../api/index.ts';
import type { AbilityAnswer, Loss, VolumeAbility, VolumeTraits } from '../model/index.ts';

interface Property {
  readonly id: string;
  readonly what: string;
  readonly ability: VolumeAbility | null;
  /** What a target that lacks it means. */
  readonly ifLost: string;
  /** Losses that the target reported count as proof. */
  readonly losses?: readonly Loss[];
}

const properties: readonly Property[] = [
  { id: 'modes', what: 'Permissions', ability: 'modes', ifLost: 'Every file gets the permissions of the mount.' },
  {
    id: 'owners',
    what: 'Owner and group',
    ability: 'owners',
    ifLost: "Every file belongs to the service's user; run it as root on a volume that has owners.",
    losses: ['owner'],
  },
  { id: 'times', what: 'Modification time to the nanosecond', ability: 'nanoseconds', ifLost: 'Times are rounded.' },
  { id: 'hard-links', what: 'Hard links', ability: 'hard-links', ifLost: 'A second name of a file cannot be made.' },
  { id: 'symlinks', what: 'Symbolic links', ability: 'symlinks', ifLost: 'Links cannot be made.' },
  { id: 'holes', what: 'Holes of sparse files', ability: 'holes', ifLost: 'Holes take up room on the target.' },
  {
    id: 'user-attributes',
    what: 'Extended attributes (user.*)',
    ability: 'user-attributes',
    ifLost: 'They are dropped.',
    losses: ['user-attributes', 'attribute-space'],
  },
  { id: 'acl', what: 'Access control lists (POSIX)', ability: 'acl', ifLost: 'Only the permissions remain.', losses: ['acl'] },
  {
    id: 'trusted-attributes',
    what: 'Extended attributes (trusted.*)',
    ability: 'trusted-attributes',
    ifLost: 'They are dropped; both services must run as root.',
    losses: ['trusted-attributes'],
  },
  {
    id: 'security-attributes',
    what: 'File capabilities and other security.* attributes',
    ability: 'security-attributes',
    ifLost: 'They are dropped; the target must run as root.',
    losses: ['security-attributes'],
  },
  {
    id: 'case',
    what: 'Names that differ in case alone',
    ability: 'case-sensitive',
    ifLost: 'Two such names cannot both be on the target.',
  },
  { id: 'any-bytes', what: 'Names that are not UTF-8', ability: 'any-bytes', ifLost: 'Files with such names cannot be made.' },
];

/** What no replica carries, whatever the volumes are. */
const neverCarried: readonly (readonly [id: string, what: string, note: string])[] = [
  ['labels', 'Labels of SELinux, SMACK, AppArmor, IMA', "They belong to each machine's own policy."],
  ['flags', 'Flags of files (immutable, append-only)', 'Files that have them are counted in the status.'],
  ['specials', 'Pipes, sockets and devices', 'They are counted in the status.'],
  ['other-times', 'Access and creation times', 'A replica has its own.'],
];

/** What becomes of each property between two volumes; a pure table. Null: that side could not be asked. */
export function preservedProperties(
  source: VolumeTraits | null,
  target: VolumeTraits | null,
  losses: readonly Loss[],
): PreservedProperty[] {
  const rows = properties.map(({ id, what, ability, ifLost, losses: proof = [] }): PreservedProperty => {
    const has = answerOf(source, ability);
    const reported = losses.some((loss) => proof.includes(loss));
    const can = reported ? 'no' : answerOf(target, ability);
    const result = resultOf(has, can);
    return { id, what, source: has, target: can, result, note: result === 'lost' ? ifLost : '' };
  });
  return [
    { id: 'content', what: 'Content', source: 'yes', target: 'yes', result: 'kept', note: '' },
    ...rows,
    longNames(source, target),
    ...neverCarried.map(([id, what, note]): PreservedProperty => ({
      id,
      what,
      source: 'unknown',
      target: 'unknown',
      result: 'not-carried',
      note,
    })),
  ];
}

function answerOf(traits: VolumeTraits | null, ability: VolumeAbility | null): AbilityAnswer {
  return traits === null || ability === null ? 'unknown' : traits.abilities[ability];
}

function resultOf(source: AbilityAnswer, target: AbilityAnswer): Preservation {
  if (source === 'no') return 'not-there';
  if (target === 'yes') return 'kept';
  return target === 'no' && source === 'yes' ? 'lost' : 'unknown';
}

function longNames(source: VolumeTraits | null, target: VolumeTraits | null): PreservedProperty {
  const common = { id: 'long-names', what: 'Long names', source: 'yes' } as const;
  if (source === null || target === null) return { ...common, target: 'unknown', result: 'unknown', note: '' };
  if (target.nameBytes >= source.nameBytes) return { ...common, target: 'yes', result: 'kept', note: '' };
  const note = `Names of more than ${target.nameBytes} bytes cannot be made on the target.`;
  return { ...common, target: 'no', result: 'partly', note };
}
