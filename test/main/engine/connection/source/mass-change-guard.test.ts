import { mkdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { initialConnectionSettings, type ConnectionSettings } from '../../../../../src-main/api/index.ts';
import { ReplicationError } from '../../../../../src-main/base/index.ts';
import { Catalog } from '../../../../../src-main/engine/catalog/index.ts';
import { MassChangeGuard } from '../../../../../src-main/engine/connection/source/mass-change-guard.ts';
import { Roots } from '../../../../../src-main/engine/connection/source/roots.ts';
import { statEntry } from '../../../../../src-main/engine/fs/index.ts';
import type { Place } from '../../../../../src-main/engine/model/index.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** A guard over `count` files in a folder that the catalog knows, with a clock turned by hand. */
class Bench {
  readonly folder = tempFolder();
  readonly catalog = new Catalog(':memory:');
  settings: ConnectionSettings['guard'] = {
    ...initialConnectionSettings.guard,
    removedFiles: 10,
    emptiedFiles: null,
    rewrittenFiles: 10,
  };
  nowMs = 1_000_000_000_000;
  guard = this.open();

  constructor(count: number) {
    mkdirSync(`${this.folder}/in`);
    this.#know('', 0);
    this.#know('in', 0);
    for (let i = 0; i < count; i++) this.make(`in/${i}`);
    onTestFinished(() => this.catalog.close());
  }

  open(): MassChangeGuard {
    const roots = new Roots([this.folder], []);
    return new MassChangeGuard({ catalog: this.catalog, roots, settings: () => this.settings, nowMs: () => this.nowMs });
  }

  make(path: string): void {
    writeFileSync(`${this.folder}/${path}`, '');
    this.#know(path, this.nowMs - 1);
  }

  at(path: string): Place {
    return { root: 0, path };
  }

  /** Removes files and tells the guard of each; how many were held. */
  remove(from: number, to: number, toldMs = this.nowMs): number {
    let held = 0;
    for (let i = from; i < to; i++) {
      unlinkSync(`${this.folder}/in/${i}`);
      const row = this.catalog.lookup(this.at(`in/${i}`));
      if (row !== null && this.guard.hold(this.at(`in/${i}`), row, false, toldMs)) held++;
    }
    return held;
  }

  rewrite(i: number): void {
    const row = this.catalog.lookup(this.at(`in/${i}`));
    if (row === null) throw new Error('no such file');
    this.guard.rewriting(this.at(`in/${i}`), row);
    this.#know(`in/${i}`, this.nowMs);
  }

  /** Puts out of the catalog what may go now. */
  take(): number {
    const { places } = this.guard.takeDue();
    for (const place of places) {
      const row = this.catalog.lookup(place);
      if (row !== null) this.catalog.remove(row, 1);
    }
    return places.length;
  }

  #know(path: string, readAtMs: number): void {
    const stat = statEntry(`${this.folder}/${path}`.replace(/\/$/, ''));
    if (stat === null) throw new Error('not there');
    this.catalog.put(this.at(path), stat, { linkTarget: null, sequence: 1, epoch: 1, readAtMs, extendedHash: 0n, flags: 0 });
  }
}

function tripped(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof ReplicationError && error.code === 'mass-change') return error.details;
    throw error;
  }
  return null;
}

test('removals wait until it is quiet, then go when they are few', () => {
  const bench = new Bench(30);
  expect(bench.remove(0, 9)).toBe(9);
  expect(bench.guard.dueInMs()).toBe(500);
  bench.nowMs += 400;
  bench.remove(9, 10);
  expect(bench.take()).toBe(0);
  bench.nowMs += 500;
  expect(bench.take()).toBe(10);
  expect(bench.guard.heldCount).toBe(0);
});

test('removals that were told within the same quiet belong together, whenever they are looked at', () => {
  const bench = new Bench(300);
  const toldMs = bench.nowMs;
  expect(bench.guard.isTogether(toldMs)).toBe(false);
  bench.nowMs += 3_000;
  bench.remove(0, 9, toldMs);
  bench.nowMs += 1_000;
  expect(bench.guard.dueInMs()).toBe(0);
  expect([499, 500].map((laterMs) => bench.guard.isTogether(toldMs + laterMs))).toEqual([true, false]);
  for (let i = 1; i <= 12; i++) bench.remove(8 + i, 9 + i, toldMs + i * 400);
  expect([4_999, 5_000].map((laterMs) => bench.guard.isTogether(toldMs + laterMs))).toEqual([true, false]);
});

test('a few that never cease are held five seconds at the most', () => {
  const bench = new Bench(60);
  bench.remove(57, 60);
  for (let i = 0; i < 12; i++) {
    bench.remove(i, i + 1);
    bench.nowMs += 400;
    expect(bench.take()).toBe(0);
  }
  bench.remove(12, 13);
  bench.nowMs += 400;
  expect(bench.take()).toBe(16);
});

test('a removal now and then is held for a moment only, which is told apart from what may be the first of a loss', () => {
  const bench = new Bench(30);
  bench.remove(0, 1);
  expect([bench.guard.dueInMs(), bench.guard.briefMs]).toEqual([10, 10]);
  bench.nowMs += 5;
  bench.remove(1, 2);
  bench.nowMs += 10;
  expect(bench.take()).toBe(2);
  bench.remove(2, 3);
  expect([bench.guard.dueInMs(), bench.guard.briefMs], 'two of thirty left already').toEqual([500, null]);
  bench.nowMs += 500;
  expect(bench.take()).toBe(1);
  bench.nowMs += 11_000;
  bench.remove(3, 4);
  expect(bench.guard.dueInMs()).toBe(10);
});

test('what goes early is a small part of what would stop the connection, and has an end', () => {
  const bench = new Bench(400);
  bench.settings = { ...bench.settings, removedFiles: 300, emptiedFiles: null };
  bench.remove(0, 6);
  expect(bench.guard.briefMs).toBe(10);
  bench.remove(6, 7);
  expect(bench.guard.briefMs).toBeNull();
});

test('a slow loss leaves early only as many as may, then is held until it is decided about', () => {
  const bench = new Bench(18);
  let left = 0;
  for (let i = 0; i < 12; i++) {
    bench.remove(i, i + 1);
    bench.nowMs += 100;
    left += bench.take();
  }
  expect(left).toBe(2);
  bench.nowMs += 600;
  expect(tripped(() => bench.take())).toMatchObject({ what: 'removed', count: 12, left: 2 });
});

test('a folder with all in it never goes early', () => {
  const bench = new Bench(5);
  rmSync(`${bench.folder}/in`, { recursive: true });
  const row = bench.catalog.lookup(bench.at('in'));
  if (row === null) throw new Error('no such folder');
  expect(bench.guard.hold(bench.at('in'), row, true, bench.nowMs)).toBe(true);
  expect(bench.guard.briefMs).toBeNull();
});

test('what adds up to too much within the window trips, wherever it comes in steps; what is older does not count', () => {
  const bench = new Bench(18);
  for (const [from, to] of [
    [0, 4],
    [4, 8],
  ] as const) {
    bench.remove(from, to);
    bench.nowMs += 1_000;
    bench.take();
  }
  bench.nowMs += 590_000;
  bench.remove(8, 10);
  bench.nowMs += 600;
  expect(tripped(() => bench.take())).toMatchObject({ what: 'removed', count: 10, total: 18, left: 8 });
  const other = new Bench(18);
  other.remove(0, 8);
  other.nowMs += 1_000;
  other.take();
  other.nowMs += 601_000;
  other.remove(8, 12);
  other.nowMs += 600;
  expect(other.take()).toBe(4);
});

test('a folder is counted with all in it, once, although its files are named too', () => {
  const bench = new Bench(12);
  bench.make('outside');
  rmSync(`${bench.folder}/in`, { recursive: true });
  const places = ['in/0', 'in/1', 'in', 'in/7'].map((path) => bench.at(path));
  expect(tripped(() => bench.guard.check(places))).toMatchObject({ count: 12, total: 13 });
});

test('what is there again is no loss', () => {
  const bench = new Bench(20);
  bench.remove(0, 15);
  for (let i = 0; i < 15; i++) writeFileSync(`${bench.folder}/in/${i}`, '');
  bench.nowMs += 600;
  expect(bench.take()).toBe(15);
});

test('an empty root trips at a number of its own', () => {
  const bench = new Bench(12);
  bench.settings = { ...bench.settings, removedFiles: null, emptiedFiles: 12 };
  bench.remove(0, 12);
  bench.nowMs += 600;
  expect(tripped(() => bench.take())).toMatchObject({ what: 'emptied', count: 12, path: bench.folder });
});

test('with both settings off nothing is held', () => {
  const bench = new Bench(20);
  bench.settings = { ...bench.settings, removedFiles: null, emptiedFiles: null };
  expect(bench.remove(0, 20)).toBe(0);
});

test('an acceptance holds through a restart until the comparison is over', () => {
  const bench = new Bench(20);
  const places = Array.from({ length: 15 }, (_, i) => bench.at(`in/${i}`));
  bench.remove(0, 15);
  expect(tripped(() => bench.guard.check(places))).not.toBeNull();
  bench.guard.accept();
  bench.guard = bench.open();
  expect(tripped(() => bench.guard.check(places))).toBeNull();
  bench.guard.atRest();
  expect(tripped(() => bench.guard.check(places))).toBeNull();
  bench.guard.walked();
  bench.guard.atRest();
  expect(tripped(() => bench.guard.check(places))).not.toBeNull();
});

test('rewritten files count once each; once tripped none passes, also after a restart, until nothing of it is found', () => {
  const bench = new Bench(20);
  for (let i = 0; i < 100; i++) {
    bench.rewrite(0);
    bench.nowMs += 10;
  }
  for (let i = 1; i < 9; i++) bench.rewrite(i);
  expect(tripped(() => bench.rewrite(9))).toMatchObject({ what: 'rewritten', count: 10, total: 20, left: 9 });
  bench.nowMs += 3_600_000;
  bench.guard = bench.open();
  expect(tripped(() => bench.rewrite(10))).toMatchObject({ count: 10 });
  bench.guard.walked();
  bench.guard.atRest();
  bench.rewrite(10);
  expect(statSync(bench.folder).isDirectory()).toBe(true);
});

test('nothing is counted while nothing is held', () => {
  const bench = new Bench(3);
  const count = vi.spyOn(bench.catalog, 'countFiles');
  expect([bench.guard.briefMs, bench.guard.dueInMs()]).toEqual([null, null]);
  expect(count).not.toHaveBeenCalled();
});
