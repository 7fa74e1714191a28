/**
 * The scripting language DTCL: text to tree, tree to calls. This room knows the contract (`api/`), `base` and the DtclHost that it is given;
 * it opens no socket, reads no file and prints nothing itself. A script with any syntax problem never begins to run. See README.md.
 */
export { complete } from './completion.ts';
export { runScript, type CommandReport, type EvaluatorOptions, type RunResult } from './evaluator.ts';
export type { AccessLevel, Clock, ConnectRequest, DtclHost, NewFile, RestoreRequest } from './host.ts';
export { parse, printScript, type ParseResult, type Problem } from './language.ts';
export { DtclSession } from './session.ts';
export type { Position, Script } from './tree.ts';
/** For programs that begin and end windows without a script. */
export { showBackup } from './backup-text.ts';
export {
  beginBackup,
  certifyBackup,
  endBackup,
  findView,
  requireTarget,
  type BackupServers,
  type BeginRequest,
} from './backups.ts';
export { bringCertificate } from './certificate-file.ts';
/** For programs that restore without a script. */
export { beginDrill, beginRestore, choiceOf, findFrom, planEntries, waitForRestore, type RestoreServers } from './restores.ts';
export { showRestore, showRestoreReport, showRestoreStatus } from './restore-text.ts';
export { showPlan, showPlanEntry } from './plan-text.ts';
/** For programs that take snapshots without a script. */
export { showPlaces, showReverted, showSnapshot } from './snapshot-text.ts';
