/**
 * The disk as the engine sees it: raw paths in, coded errors out, nanoseconds kept, links never followed unless a name says so.
 * Calls are synchronous (they run in workers on small files) except the flushes, which leave the thread free to receive.
 * Everything that Node lacks is a native call behind a capability: where it is missing, a slower or less precise way is taken.
 * The only place where an errno becomes an error code.
 */
export { keepAllocatorLean } from './allocator.ts';
export { keepPrompt } from './prompt-thread.ts';
export { programPagesDropper } from './program-pages.ts';
export { askVolume } from './ask-volume.ts';
export { createBlockHasher, type BlockHasher } from './block-hasher.ts';
export { capabilities, type Capabilities } from './capabilities.ts';
export { cloneFileTo, cloneOpenFile, tryCloneIn, volumeSpace } from './clone-file.ts';
export { copyFileTo } from './copy-file.ts';
export { codedError, errnoName, systemError } from './coded-error.ts';
export { exchangeEntries } from './exchange.ts';
export { dataRanges, type DataRange } from './data-ranges.ts';
export {
  readFolder,
  readInto,
  readLink,
  realFolder,
  specialKind,
  statEntry,
  statFd,
  volumeType,
  type SpecialKind,
} from './entries.ts';
export {
  ACL_ACCESS,
  ACL_DEFAULT,
  hashExtended,
  isCarriedAttribute,
  readExtended,
  readExtendedFd,
  readOneExtended,
  removeExtended,
  setExtended,
  type ExtendedAttributes,
} from './extended-attributes.ts';
export { isSameFolder, folderIdentity, type FolderIdentity } from './folder-identity.ts';
export { syncFd, syncFolder, syncVolume } from './flush.ts';
export { VolumeFlushes, type FlushShare } from './volume-flushes.ts';
export { isOwnerName, ownerId, ownerName, type OwnerKind } from './owner-names.ts';
export { APPEND_ONLY, IMMUTABLE } from './statx.ts';
export { machineId } from './machine.ts';
export { decodeMountInfo, isMountPoint, isOnOwnDisks, mountsBelow } from './mounts.ts';
export { libcOrReason, loadLibc, native, pathArgument, type Libc } from './native.ts';
export { tryVolume } from './try-volume.ts';
export { expectRead, readKinds, type NamedKind } from './read-ahead.ts';
export { deleteSubvolume, isPlainSubvolume, makeReadOnlySubvolume, snapshotSubvolume, subvolumeId } from './subvolumes.ts';
export { setOwner, setTimes, setTimesFd } from './times-and-owner.ts';
export { awaitWrites } from './await-writes.ts';
export { hasFineTimes } from './fine-times.ts';
