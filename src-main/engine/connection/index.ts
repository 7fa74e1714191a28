/** Wires the stages of a connection and owns its status. The only engine room that sees them all; services use nothing else of the engine. */
export type {
  ConnectionCommand,
  ConnectionSpec,
  EngineEvent,
  EngineIdentity,
  ReplicaSpec,
  ProgramReport,
  Replicator,
  ReplicatorOptions,
  Volume,
} from './replicator-api.ts';
export type { LeftoverAnswer, LeftoverQuestion } from './target/leftovers.ts';
export { createReplicator } from './create-replicator.ts';
/** For programs that hold both trees of a pair on one machine (the demo, tests); a connection needs none of it. */
export { compareTrees, type Comparison } from '../verify/index.ts';
/** A path that a person typed, as this machine knows it: the service lists folders and checks rules with it. */
export { resolveTargetPath } from '../model/index.ts';
/** For programs that compare a copy, or two certificates, without a service; and for restore drills. */
export {
  checkCertificate,
  compareCopy,
  compareManifests,
  drawSample,
  hashFileAside,
  manifestOf,
  pathFromText,
  pathToText,
  type AttributeName,
  type CheckedCertificate,
  type CopyCounts,
  type CopyDifference,
} from '../backup/index.ts';
/** Which snapshots of a replica have expired, for the schedule that deletes them. */
export { expiredSnapshots } from '../snapshots/index.ts';
/** A failed file call of this machine as a coded error. */
export { codedError } from '../fs/index.ts';
/** What the clock will do with the rules of a line. */
export { planSchedule } from '../schedule/index.ts';
export { refuseLinks } from './refuse-links.ts';
/** For the check of circles over several servers, and for places in a replica. */
export { isWithin, pathsOverlap } from '../model/index.ts';
/** For clients that run an administrator's programs around a step, as the hooks of a connection are run. */
export { runProgram } from './source/hooks/run-program.ts';
