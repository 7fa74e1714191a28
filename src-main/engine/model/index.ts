/** Words of the domain that every engine room shares: entries, notices, rules, maps. Pure; no disk, no network. */
export { isSurelyRead, isWholeSecond, stampTickMs } from './content-read.ts';
export {
  childPath,
  foldersInside,
  isWithin,
  lastName,
  MOST_EXTENDED_BYTES,
  parentPath,
  pathsOverlap,
  STAGE_FOLDER,
  type AbsolutePath,
  type Attributes,
  type EntryKind,
  type EntryStat,
  type ExtendedAttribute,
  type RelativePath,
} from './entry.ts';
export { mapAcl, visitAcl } from './acl.ts';
export { losses, type Loss } from './loss.ts';
export { joinRanges, type ByteRange, type FileRanges } from './file-ranges.ts';
export { findLoop, resolveMap, resolveTargetPath } from './maps.ts';
export type { Notice } from './notice.ts';
export { placeKey, type Place } from './place.ts';
export { compileRules, type CompiledRules, type SetRoot } from './rules.ts';
export { resolveUserPath, typedText, type UserPath, type VolumeTable } from './user-paths.ts';
export { abilityAnswers, volumeAbilities, type AbilityAnswer, type VolumeAbility, type VolumeTraits } from './volume-traits.ts';
