/**
 * Carries ops out on a replica's disk: stages received data on the volume where they will stay, commits them by rename after their
 * flush, and answers what is there. Nothing leaves the roots, follows a link or deletes a folder that is not empty; a half-written file
 * is never seen under its name. Everything runs on the thread that owns the replica.
 */
export { Applier, type ApplyOutcome, type PlaceOfFailure } from './applier.ts';
export { AttributeSetter } from './attribute-setter.ts';
export { Flusher } from './flusher.ts';
export { OrphanHandler, type Orphan, type OrphanPolicy } from './orphan-handler.ts';
export { OrphanList, type OrphanEntry, type OrphanFigures, type OrphanOutcome } from './orphan-list.ts';
export { purgeKept, type PurgeOrder, type PurgeResult } from './purge-kept.ts';
export { KeptDeleted, type KeptEntry, type KeptTotals } from './kept-deleted.ts';
export { keptPlaces, nothingKept, type KeptPlaces } from './kept-places.ts';
export { readLeftoverMarks, type LeftoverMarks } from './leftover-marks.ts';
export { ReplicaRecords } from './replica-records.ts';
export { bytesToSign, listFolder, expectSignature, signFile, type FileSignature } from './inspect.ts';
export { ReplicaPaths } from './replica-paths.ts';
export { makeStagePlaces, stageFoldersOf, type StagePlaces } from './stage-places.ts';
export { Stage, type EndedStream } from './stage.ts';
