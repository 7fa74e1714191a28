import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadBounds, saveBounds } from '../../../src-main/app/window-bounds.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const firstTime = { width: 1280, height: 800, isMaximised: false };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-bounds-'));
  file = join(folder, 'window.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the window comes back where it was', () => {
  saveBounds(file, { x: 100, y: 50, width: 1400, height: 900 }, true);
  expect(loadBounds(file, [screen])).toEqual({ x: 100, y: 50, width: 1400, height: 900, isMaximised: true });
});

test('a place on a display that is gone keeps its size only', () => {
  saveBounds(file, { x: 5000, y: 50, width: 1400, height: 900 }, false);
  expect(loadBounds(file, [screen])).toEqual({ width: 1400, height: 900, isMaximised: false });
});

test('a first start, a damaged file and a senseless size give the default', () => {
  expect(loadBounds(file, [screen])).toEqual(firstTime);
  writeFileSync(file, '{"version":1,');
  expect(loadBounds(file, [screen])).toEqual(firstTime);
  saveBounds(file, { x: 0, y: 0, width: 3, height: 900 }, false);
  expect(loadBounds(file, [screen])).toEqual(firstTime);
});
