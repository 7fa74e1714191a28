import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../base/index.ts';

/** A log file that starts anew at a size and keeps the last few: `service.log`, `service.1.log` (the one before), … */
export class RotatingFile {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #keep: number;
  #descriptor: number;
  #bytes: number;

  constructor(folder: string, { mostBytes = 10 * 1024 * 1024, keep = 5 }: { mostBytes?: number; keep?: number } = {}) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
    this.#keep = keep;
    makeFolders(folder, 0o700);
    this.#descriptor = openSync(this.#name(0), 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  write(line: string): void {
    if (this.#bytes > 0 && this.#bytes + line.length > this.#mostBytes) this.#rotate();
    this.#bytes += writeSync(this.#descriptor, line);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    // Before anything moves: where no new file can be had, all stays as it is, and the descriptor is never that of somebody else's file.
    const fresh = join(this.#folder, 'service.new.log');
    const descriptor = openSync(fresh, 'w', 0o600);
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#bytes = 0;
    rmSync(this.#name(this.#keep), { force: true });
    for (let age = this.#keep - 1; age >= 0; age--) {
      try {
        renameSync(this.#name(age), this.#name(age + 1));
      } catch {
        // That age does not exist yet.
      }
    }
    renameSync(fresh, this.#name(0));
  }

  #name(age: number): string {
    return join(this.#folder, age === 0 ? 'service.log' : `service.${age}.log`);
  }
}
