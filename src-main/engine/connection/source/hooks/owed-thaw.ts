import { readFileSync, rmSync } from 'node:fs';
import { replaceFile } from '../../../../config/index.ts';
import { endGroup } from './run-program.ts';

interface Owed {
  readonly version: 1;
  /** The group of the program that freezes, while it runs, and when it began, so that no other of that number is meant. */
  readonly group: { readonly number: number; readonly beganAt: string } | null;
}

/**
 * Notes on disk that an application may stand still because of us. Written before it is asked to, gone when it was let go; what is there at
 * the start of a service is owed from an earlier life.
 */
export class OwedThaw {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that cannot be understood is a thaw that is owed too: one too many harms nobody. */
  read(): Owed | null {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return null;
    }
    try {
      const { group } = JSON.parse(text) as Owed;
      return { version: 1, group: group ?? null };
    } catch {
      return { version: 1, group: null };
    }
  }

  /** Resolves when it is on disk. `processGroup`: of the program that freezes, once it runs. */
  async note(processGroup: number | null): Promise<void> {
    const beganAt = processGroup === null ? null : beginningOf(processGroup);
    const group = processGroup === null || beganAt === null ? null : { number: processGroup, beganAt };
    await replaceFile(this.#path, JSON.stringify({ version: 1, group } satisfies Owed));
  }

  /** A program of an earlier life that still freezes is ended, so that it does not freeze after the thaw. */
  endLeftBehind(owed: Owed): void {
    if (owed.group !== null && beginningOf(owed.group.number) === owed.group.beganAt) endGroup(owed.group.number, 'SIGKILL');
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }
}

/** When a process began, in the kernel's count since the machine started, which it does not outlive; null when there is none. */
function beginningOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold anything; the 22nd field is the 20th behind it.
    const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return began === undefined ? null : `${boot}/${began}`;
  } catch {
    return null; // it has ended, or this system tells nothing
  }
}
