import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AttributeSetter, Flusher, makeStagePlaces, Stage } from '../../../../src-main/engine/apply/index.ts';
import { stagedFiles } from '../../../support/staged-files.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const attributes = { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mtimeNs: 1_000_000_000n };

let folder: string;
let stages: { stage: Stage; flusher: Flusher }[];

beforeEach(() => {
  folder = tempFolder();
  stages = [];
});

afterEach(() => {
  for (const { stage } of stages) stage.close();
});

function open(): { stage: Stage; flusher: Flusher } {
  const places = makeStagePlaces([`${folder}/root`], 'one');
  const flusher = new Flusher(places.volumes);
  const opened = { stage: new Stage(places, flusher, new AttributeSetter(() => undefined)), flusher };
  stages.push(opened);
  return opened;
}

function at(): string {
  return `${folder}/.understudy-stage/one`;
}

function write(stage: Stage, sequence: number): void {
  stage.writeFile(sequence, 0, [Buffer.from(`data of ${sequence}`)], attributes);
}

test('thousands of files wait in folders of which none is long, each where it is looked for', () => {
  const { stage } = open();
  for (let sequence = 1; sequence <= 6_000; sequence++) write(stage, sequence);
  expect(stagedFiles(at())).toHaveLength(6_000);
  const entries = readdirSync(at(), { recursive: true, withFileTypes: true });
  const inFolder = Map.groupBy(entries, ({ parentPath }) => parentPath);
  expect(Math.max(...[...inFolder.values()].map(({ length }) => length))).toBeLessThanOrEqual(128);
  for (const sequence of [1, 31, 32, 2_047, 2_048, 6_000]) {
    expect(readFileSync(stage.pathOf(0, sequence), 'utf8')).toBe(`data of ${sequence}`);
  }
});

test('at the next opening only the data of ops that are in the queue are left, and what was applied goes with the flush', async () => {
  const before = open();
  before.stage.openStream(7, 0, false);
  for (const sequence of [10, 40, 41, 2_000, 2_100]) write(before.stage, sequence);
  const { stage, flusher } = open();
  stage.clean(40, 2_000);
  expect(stagedFiles(at())).toEqual(['10', '2000', '40', '41']);
  await flusher.flush();
  expect(stagedFiles(at())).toEqual(['2000', '41']);
  expect(readFileSync(stage.pathOf(0, 2_000), 'utf8')).toBe('data of 2000');
});

test('what an older version received, in no folder of its own, is found', () => {
  const { stage } = open();
  mkdirSync(at(), { recursive: true });
  for (const name of ['3', '40', '41.new', 'stream-1']) writeFileSync(`${at()}/${name}`, `old ${name}`);
  stage.clean(3, 50);
  write(stage, 42);
  expect(readFileSync(stage.pathOf(0, 40), 'utf8')).toBe('old 40');
  expect(stagedFiles(at())).toEqual(['3', '40', '42']);
});

test('a folder of it that somebody removed is made again', () => {
  const { stage } = open();
  const clear = () => {
    for (const name of readdirSync(at())) if (name.startsWith('part-')) rmSync(`${at()}/${name}`, { recursive: true });
  };
  write(stage, 100);
  stage.openStream(1, 0, false);
  clear();
  write(stage, 101);
  clear();
  stage.endStream(1, 102, { size: 0, attributes });
  expect(stagedFiles(at())).toEqual(['102']);
});

test('the name of a file is flushed with it, and so is that of the folder in which it waits', async () => {
  const places = makeStagePlaces([`${folder}/root`], 'one');
  const told: (string | null)[] = [];
  class TellingFlusher extends Flusher {
    override changed(volume: number, path: string): void {
      told.push(path);
      super.changed(volume, path);
    }
    override wrote(volume: number, fd: number, where: string | null): void {
      told.push(where);
      super.wrote(volume, fd, where);
    }
  }
  const flusher = new TellingFlusher(places.volumes);
  const stage = new Stage(places, flusher, new AttributeSetter(() => undefined));
  write(stage, 100);
  write(stage, 101);
  stage.openStream(1, 0, false);
  stage.endStream(1, 5_000, { size: 0, attributes });
  const [first, later] = [100, 5_000].map((sequence) => stage.pathOf(0, sequence).replace(/\/\d+$/, ''));
  expect(told).toEqual([at(), first, first, at(), later]);
  await flusher.flush();
  stage.close();
});

test('a replica that is given up leaves nothing of its stage', async () => {
  const { stage, flusher } = open();
  for (const sequence of [1, 500, 1_000]) {
    write(stage, sequence);
    stage.discard(0, sequence);
  }
  await flusher.flush();
  stage.close();
  stage.remove();
  expect(existsSync(`${folder}/.understudy-stage`)).toBe(false);
});
