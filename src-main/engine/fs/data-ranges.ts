import { loadLibc, type Libc } from './native.ts';
import { systemError } from './coded-error.ts';

const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = 6;
const EINVAL = 22;
const EOPNOTSUPP = 95;

/** A part of a file that holds data. */
export interface DataRange {
  readonly offset: number;
  readonly length: number;
}

interface SeekCall {
  readonly libc: Libc;
  readonly lseek: (fd: number, offset: number, whence: number) => unknown;
}

let seekCall: SeekCall | null | undefined;

/**
 * The parts of the first `size` bytes of an open file that are not holes, in order. The whole file where holes cannot be found.
 * Moves the file's own position; reads that give a position are not disturbed. The caller names the path if it fails.
 */
export function* dataRanges(fd: number, size: number): Iterable<DataRange> {
  if (size <= 0) return;
  seekCall ??= bindCall();
  if (seekCall === null) {
    yield { offset: 0, length: size };
    return;
  }
  let position = 0;
  while (position < size) {
    const start = seek(seekCall, fd, position, SEEK_DATA);
    if (start === 'unsupported') {
      yield { offset: position, length: size - position };
      return;
    }
    if (start === 'none' || start >= size) return;
    const end = seek(seekCall, fd, start, SEEK_HOLE);
    // The file may shrink while it is looked at; what is read then is the caller's own finding.
    const stop = typeof end === 'number' ? Math.min(end, size) : size;
    if (stop > start) yield { offset: start, length: stop - start };
    position = Math.max(stop, start + 1);
  }
}

function seek(call: SeekCall, fd: number, offset: number, whence: number): number | 'none' | 'unsupported' {
  const result = Number(call.lseek(fd, offset, whence));
  if (result >= 0) return result;
  const errno = call.libc.errno();
  if (errno === ENXIO) return 'none';
  if (errno === EINVAL || errno === EOPNOTSUPP) return 'unsupported';
  throw systemError('lseek', errno);
}

function bindCall(): SeekCall | null {
  const libc = loadLibc();
  return libc === null ? null : { libc, lseek: libc.bind('long lseek(int fd, long offset, int whence)') };
}
