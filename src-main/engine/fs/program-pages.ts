import { readFileSync } from 'node:fs';
import { loadLibc } from './native.ts';

const DONT_NEED = 4;
const MAPPED = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+\s+(.*)$/;
/** What was changed and then swapped out is to be found under the last of these only. */
const CHANGED = /^(?:Anonymous|Private_Dirty|Swap):\s+[1-9]/;

/** A stretch of the program as it is mapped. */
export interface ProgramPages {
  readonly start: bigint;
  readonly bytes: bigint;
  /** Parts of it are no longer what the file holds. */
  isChanged: boolean;
}

/**
 * Makes a function that lets go of the pages of the program itself which are mapped then: what only its start needed is not held any more, and
 * what is needed again is mapped again from the system's cache. Nothing else changes. Where that cannot be, the function does nothing.
 */
export function programPagesDropper(): () => void {
  try {
    const madvise = loadLibc()?.bind('int madvise(uintptr_t address, size_t length, int advice)');
    const all = madvise === undefined ? [] : programPages(readFileSync('/proc/self/smaps', 'latin1'), process.execPath);
    const unchanged = all.filter(({ isChanged }) => !isChanged);
    return () => unchanged.forEach(({ start, bytes }) => madvise?.(start, bytes, DONT_NEED));
  } catch {
    return () => undefined; // No /proc, or another C library.
  }
}

/**
 * What the program was loaded into, up to what it writes to: this stays where it is as long as the process lives. V8 maps parts of the
 * program once more, further up, for each thread; those come and go.
 */
export function programPages(smaps: string, program: string): ProgramPages[] {
  const found: ProgramPages[] = [];
  let pages: ProgramPages | null = null;
  for (const line of smaps.split('\n')) {
    const [, start, end, rights = '', path] = MAPPED.exec(line) ?? [];
    if (start !== undefined && end !== undefined) {
      pages = null;
      if (path !== program) continue;
      if (rights.includes('w')) return found;
      pages = { start: BigInt(`0x${start}`), bytes: BigInt(`0x${end}`) - BigInt(`0x${start}`), isChanged: false };
      found.push(pages);
    } else if (pages !== null && CHANGED.test(line)) pages.isChanged = true;
  }
  return [];
}
