/** Small general tools. Nothing here knows the domain; every room may use it and it imports no room. */
export { BackOff } from './back-off.ts';
export { formatBytes, formatDuration } from './bytes.ts';
export { durableStep, durableSteps, parseCrashAt, type DurableStep } from './durable-step.ts';
export { describeError, type Description } from './describe-error.ts';
export { endWorker } from './end-worker.ts';
export { errorCodes, isErrorCode, ReplicationError, toReplicationError, type ErrorCode, type ErrorDetails } from './errors.ts';
export { assertNever, invariant } from './invariant.ts';
export { linesOf, LinesWriter } from './lines-file.ts';
export { silentLog, type Facts, type Log } from './log.ts';
export { makeFolders } from './make-folders.ts';
export { whenDone, type Soon } from './soon.ts';
export { isAscii, rawName, showName } from './text.ts';
export { PROGRAM_VERSION } from './version.ts';
export { Wake } from './wake.ts';
export { workerEntry } from './worker-entry.ts';
