import { codedError, systemError } from './coded-error.ts';
import { libcOrReason, pathArgument } from './native.ts';
import { ReplicationError } from '../../base/index.ts';
import type { AbsolutePath } from '../model/index.ts';

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

/**
 * The entries at two paths of one volume take each other's places, at one moment: nobody ever finds one of the places empty, and neither does
 * a machine that stopped. Throws coded errors, and nothing has changed then.
 */
export function exchangeEntries(one: AbsolutePath, other: AbsolutePath): void {
  const { libc, why } = libcOrReason();
  if (libc === null) throw new ReplicationError('unsupported', { text: why });
  const rename = libc.bind('int renameat2(int from, const char *old, int to, const char *new, unsigned int flags)');
  if (Number(rename(AT_FDCWD, pathArgument(one), AT_FDCWD, pathArgument(other), RENAME_EXCHANGE)) === 0) return;
  throw codedError(systemError('renameat2', libc.errno()), other);
}
