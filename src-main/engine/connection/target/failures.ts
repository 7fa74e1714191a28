import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { isErrorCode, type ErrorCode, type ErrorDetails } from '../../../base/index.ts';
import { syncFd } from '../../fs/index.ts';
import { isWithin, placeKey, type Place } from '../../model/index.ts';

/** More are not kept: a source that has so many places to look at again looks at everything. */
const MOST_KEPT = 10_000;

export interface Failure {
  readonly sequence: number;
  readonly root: number;
  readonly path: string;
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}

/**
 * The places where an op failed and nothing has put that right since. They are told to the source with each new link, because the one on which
 * they were told first may have broken before the source heard. Kept in a file of JSON lines; the last line of a place counts.
 */
export class Failures {
  readonly #fd: number;
  readonly #open: Map<string, Failure>;
  #isDirty = false;

  private constructor(fd: number, open: Map<string, Failure>) {
    this.#fd = fd;
    this.#open = open;
  }

  static open(path: string): Failures {
    const open = new Map<string, Failure>();
    for (const line of readLines(path)) {
      const key = placeKey(line);
      if (line.code === null) open.delete(key);
      else open.set(key, { ...line, code: line.code });
    }
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND, 0o600);
    const failures = new Failures(fd, open);
    for (const failure of open.values()) failures.#write(failure);
    return failures;
  }

  get count(): number {
    return this.#open.size;
  }

  get list(): readonly Failure[] {
    return [...this.#open.values()];
  }

  /** Whether an op failed at this place and none has put that right since. */
  has(root: number, path: string): boolean {
    return this.#open.size > 0 && this.#open.has(placeKey({ root, path }));
  }

  add(failure: Failure): void {
    if (this.#open.size >= MOST_KEPT) return;
    this.#open.set(placeKey(failure), failure);
    this.#write(failure);
  }

  /** The place holds again what the source means, whatever failed there before. */
  resolve(root: number, path: string): void {
    if (this.#open.size === 0 || !this.#open.delete(placeKey({ root, path }))) return;
    this.#write({ sequence: 0, root, path, code: null, details: {} });
  }

  /** What was at `from`, with all below it, is at `to` now, and so is what it lacks. Returns what is to be told anew. */
  moved(from: Place, to: Place): readonly Failure[] {
    if (this.#open.size === 0) return [];
    const moved = this.list.filter(({ root, path }) => root === from.root && isWithin(path, from.path));
    return moved.map((failure) => {
      const path = to.path + failure.path.slice(from.path.length);
      this.resolve(failure.root, failure.path);
      const there = { ...failure, root: to.root, path };
      this.add(there);
      return there;
    });
  }

  async sync(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    await syncFd(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(line: Line): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    this.#isDirty = true;
  }
}

type Line = Omit<Failure, 'code'> & { readonly code: ErrorCode | null };

/** A line that cannot be read was cut off by a crash; the op behind it is applied again. */
function readLines(path: string): Line[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isLine(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null) return false;
  const { sequence, root, path, code, details } = value as Partial<Record<keyof Line, unknown>>;
  return (
    typeof sequence === 'number' &&
    typeof root === 'number' &&
    typeof path === 'string' &&
    (code === null || isErrorCode(code)) &&
    typeof details === 'object' &&
    details !== null
  );
}
