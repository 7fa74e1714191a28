/** What a volume can hold or do, as far as it matters to a replica. The order is part of the wire's format. */
export const volumeAbilities = [
  'case-sensitive',
  'any-bytes',
  'modes',
  'owners',
  'nanoseconds',
  'hard-links',
  'symlinks',
  'holes',
  'user-attributes',
  'acl',
  'trusted-attributes',
  'security-attributes',
] as const;
export type VolumeAbility = (typeof volumeAbilities)[number];
export const abilityAnswers = ['no', 'yes', 'unknown'] as const;
export type AbilityAnswer = (typeof abilityAnswers)[number];

/** What was found out about the volume of one folder, with the rights of the service there. */
export interface VolumeTraits {
  /** `ext4`, `xfs`, …; a number in hexadecimal for one without a name here. */
  readonly fileSystem: string;
  /** Tried with files of our own; otherwise only asked and looked at, because the folder is not ours. */
  readonly isTried: boolean;
  readonly abilities: Readonly<Record<VolumeAbility, AbilityAnswer>>;
  /** The longest name in bytes. */
  readonly nameBytes: number;
}
