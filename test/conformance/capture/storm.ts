import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

/** Small seeded generator (mulberry32): the same seed makes the same storm. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const names = ['a', 'b', 'c', 'd', 'skip'];

/** Random operations on few names, so that they meet each other: the same path is a file, a folder, gone and back within moments. */
export class Storm {
  readonly #random: () => number;
  readonly #folder: string;
  readonly #outside: string;
  /** Numbers of the files that have, or once had, a second name. */
  readonly linked = new Set<number>();
  #count = 0;

  /** `hasLinks`: whether hard links may be made: a change through a name outside the set is told to nobody. */
  constructor(random: () => number, folder: string, outside: string, hasLinks: boolean) {
    this.#random = random;
    if (hasLinks) this.#operations.push(() => this.#link(this.#path(), this.#path()));
    this.#folder = folder;
    this.#outside = outside;
  }

  /** Does one operation; most combinations are impossible at most moments, and that is part of it. */
  step(): void {
    this.#count++;
    try {
      this.#operations[Math.floor(this.#random() * this.#operations.length)]?.();
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
    }
  }

  readonly #operations: (() => void)[] = [
    () => mkdirSync(this.#path()),
    () => mkdirSync(this.#path(), { recursive: true }),
    () => {
      const path = this.#path();
      mkdirSync(path, { recursive: true });
      writeFileSync(`${path}/a`, `made ${this.#count}`);
    },
    () => writeFileSync(this.#path(), `written ${this.#count}`),
    () => writeFileSync(this.#path(), `written ${this.#count}`),
    () => appendFileSync(this.#path(), ` appended ${this.#count}`),
    () => truncateSync(this.#path(), this.#count % 7),
    () => unlinkSync(this.#path()),
    () => rmdirSync(this.#path()),
    () => rmSync(this.#path(), { recursive: true }),
    () => renameSync(this.#path(), this.#path()),
    () => renameSync(this.#path(), this.#path()),
    () => renameSync(this.#path(), this.#path()),
    () => this.#swap(this.#path(), this.#path()),
    () => renameSync(this.#path(), `${this.#outside}/${this.#count}`),
    () => this.#moveIn(),
    () => chmodSync(this.#path(), this.#count % 2 === 0 ? 0o700 : 0o750),
    () => utimesSync(this.#path(), this.#count, this.#count),
    () => symlinkSync(`to-${this.#count}`, this.#path()),
  ];

  #swap(a: string, b: string): void {
    const between = `${this.#folder}/between`;
    renameSync(a, between);
    renameSync(b, a);
    renameSync(between, b);
  }

  #link(existing: string, path: string): void {
    linkSync(existing, path);
    this.linked.add(statSync(path).ino);
  }

  #moveIn(): void {
    const there = readdirSync(this.#outside).sort();
    const name = there[Math.floor(this.#random() * there.length)];
    if (name !== undefined) renameSync(`${this.#outside}/${name}`, this.#path());
  }

  #path(): string {
    let path = this.#folder;
    const depth = 1 + Math.floor(this.#random() * 4);
    for (let i = 0; i < depth; i++) path += `/${names[Math.floor(this.#random() * names.length)] ?? ''}`;
    return path;
  }
}

/** As a worker: a storm beside the one who watches; posts the numbers of its linked files at the end. */
export interface StormWorkerData {
  readonly storm: {
    readonly seed: number;
    readonly steps: number;
    readonly folder: string;
    readonly outside: string;
    readonly hasLinks: boolean;
  };
}

if (!isMainThread && typeof workerData === 'object' && workerData !== null && 'storm' in workerData) {
  const { seed, steps, folder, outside, hasLinks } = (workerData as StormWorkerData).storm;
  const storm = new Storm(seeded(seed), folder, outside, hasLinks);
  for (let i = 0; i < steps; i++) storm.step();
  parentPort?.postMessage([...storm.linked]);
}
