import { getSystemErrorName } from 'node:util';
import { ReplicationError, showName, toReplicationError, type ErrorCode } from '../../base/index.ts';
import type { AbsolutePath } from '../model/index.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-a-folder',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  ENAMETOOLONG: 'name-too-long',
  EISDIR: 'is-a-folder',
  ENOTEMPTY: 'not-empty',
  EEXIST: 'already-exists',
  EBUSY: 'busy',
  ETXTBSY: 'busy',
  EMLINK: 'links-exhausted',
  EMFILE: 'too-many-open',
  ENFILE: 'too-many-open',
  // A link where a real entry was asked for: the way leads out of what we may touch.
  ELOOP: 'outside-root',
  ENOSYS: 'unsupported',
  ENOTSUP: 'unsupported',
  EOPNOTSUPP: 'unsupported',
  EXDEV: 'unsupported',
};

/**
 * The coded error for a failed file call at `path`. A coded error passes unchanged; something that is not a system error is our bug
 * and becomes `internal`.
 */
export function codedError(error: unknown, path: AbsolutePath): ReplicationError {
  if (error instanceof ReplicationError) return error;
  const errno = errnoName(error);
  if (errno === null) return toReplicationError(error);
  return new ReplicationError(codes[errno] ?? 'io-error', { path: showName(path), errno, text: errno }, { cause: error });
}

/** The error object of a native call that failed with `errno`, in the shape of Node's own. */
export function systemError(call: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${code}: ${call}`), { code, errno: -errno, syscall: call });
}

/** Errno names are upper case and start with E; Node's own errors (`ERR_INVALID_ARG_TYPE`) are bugs of the caller. */
export function errnoName(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/** Whether a call that follows no link at the end of its path failed because nothing is there: the entry, or a folder on the way to it. */
export function isNoWayThere(error: unknown): boolean {
  const errno = errnoName(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP';
}
