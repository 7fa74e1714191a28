import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = 24;
const MOST_BYTES = 60_000;
const MOST_REST_MS = 25;
/** Removals that are few are not held back: the third within ten seconds is. */
const REMOVE_EVERY = 500;

/** A state of the folder. By the wall clock: it cannot have been there before `begunMs`, nor after `overMs`, when the next one was. */
export interface Step {
  readonly number: number;
  readonly begunMs: number;
  readonly overMs: number;
}

/**
 * Changes a folder without end, in steps that are there whole or not at all, and knows what it held after each: of any copy it can be told whether
 * it is, byte for byte, a state that the folder had, and when.
 */
export class SteppingWriter {
  readonly #folder: string;
  /** Files are made here, outside of what is replicated, so that each comes into the folder in one step. */
  readonly #workshop: string;
  readonly #files = new Map<string, Buffer>();
  /** The step after which it held what has this digest. */
  readonly #states = new Map<string, number>();
  readonly #times: { readonly begunMs: number; readonly endedMs: number }[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** The folder is empty; the workshop lies on the same volume. */
  constructor(folder: string, workshop: string) {
    this.#folder = folder;
    this.#workshop = workshop;
    mkdirSync(workshop, { recursive: true });
    for (let i = 0; i < FILES; i++) this.#step();
  }

  get steps(): number {
    return this.#times.length;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#step();
      this.start();
    }, Math.random() * MOST_REST_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The state that a copy of the folder is; null when the folder never held that. */
  stepOf(copy: string): Step | null {
    const files = readdirSync(copy).map((name) => [name, readFileSync(join(copy, name))] as const);
    const number = this.#states.get(digest(files));
    if (number === undefined) return null;
    return { number, begunMs: this.#times[number - 1]?.begunMs ?? 0, overMs: this.#times[number]?.endedMs ?? Infinity };
  }

  #step(): void {
    const number = this.steps + 1;
    const begunMs = Date.now();
    const name = `f${number % FILES}`;
    const other = `f${(number * 7) % FILES}`;
    const known = this.#files.get(name);
    if (number % REMOVE_EVERY === 0) this.#removeOne();
    else if (number % 5 === 0 && known !== undefined && other !== name) this.#move(name, known, other);
    else if (number % 3 === 0) this.#append('log', `${number}\n`);
    else this.#put(name, Buffer.alloc((number * 7_919) % MOST_BYTES, `${number} `));
    this.#times.push({ begunMs, endedMs: Date.now() });
    this.#states.set(digest([...this.#files]), number);
  }

  #removeOne(): void {
    const name = [...this.#files.keys()].find((one) => one !== 'log') ?? '';
    rmSync(join(this.#folder, name));
    this.#files.delete(name);
  }

  #move(name: string, content: Buffer, other: string): void {
    renameSync(join(this.#folder, name), join(this.#folder, other));
    this.#files.delete(name);
    this.#files.set(other, content);
  }

  #append(name: string, text: string): void {
    appendFileSync(join(this.#folder, name), text);
    this.#files.set(name, Buffer.concat([this.#files.get(name) ?? Buffer.alloc(0), Buffer.from(text)]));
  }

  #put(name: string, content: Buffer): void {
    const made = join(this.#workshop, name);
    writeFileSync(made, content);
    renameSync(made, join(this.#folder, name));
    this.#files.set(name, content);
  }
}

function digest(files: readonly (readonly [name: string, content: Buffer])[]): string {
  const hash = createHash('sha256');
  for (const [name, content] of files.toSorted(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(`${name} ${content.length} `).update(content);
  return hash.digest('hex');
}
