import { globSync, renameSync, writeFileSync } from 'node:fs';

/** The clock of a service, which can be turned while it runs; what counts intervals goes on as it was. */
export class FakeClock {
  readonly environment: Record<string, string>;
  readonly #file: string;

  private constructor(library: string, file: string) {
    this.#file = file;
    this.environment = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
    this.turn(0);
  }

  /** Null where libfaketime is not installed; the caller then says so and leaves its tests out. */
  static make(file: string): FakeClock | null {
    const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
    return library === undefined ? null : new FakeClock(library, file);
  }

  /** How far the clock is ahead of the true one. */
  turn(seconds: number): void {
    // The service reads it at each look at its clock, and is not to find it empty.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
