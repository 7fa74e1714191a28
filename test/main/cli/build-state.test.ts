import { mkdirSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { whyBuild } from '../../../src-main/cli/build-state.ts';

const PRODUCTS = ['dist/main/app.js', 'dist/main/understudy.js', 'dist/preload/index.cjs', 'dist/renderer/index.html'];
const BUILT_AT_S = 2_000_000;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-build-'));
  for (const product of PRODUCTS) write(product);
  write('src-main/app/main.ts');
  write('src-renderer/index.html');
  write('dist/.built', String(BUILT_AT_S * 1000));
  for (const path of ['src-main/app/main.ts', 'src-main/app', 'src-main', 'src-renderer/index.html', 'src-renderer'])
    touch(path, -10);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('a complete build that is newer than every source stands', () => {
  expect(whyBuild(root)).toBeNull();
});

test.each(PRODUCTS)('without %s the program is built', (product) => {
  unlinkSync(join(root, product));
  expect(whyBuild(root)).toBe(`${product} is not there yet`);
});

test('a source that changed after the build started causes a build', () => {
  touch('src-main/app/main.ts', 1);
  expect(whyBuild(root)).toBe('src-main/app/main.ts changed');
});

test('a source that was deleted causes a build', () => {
  unlinkSync(join(root, 'src-main/app/main.ts'));
  touch('src-main/app', 1);
  expect(whyBuild(root)).toBe('src-main/app changed');
});

test('a build that broke off is not trusted', () => {
  unlinkSync(join(root, 'dist/.built'));
  expect(whyBuild(root)).toBe('the last build did not finish');
});

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function touch(path: string, secondsAfterBuild: number): void {
  utimesSync(join(root, path), BUILT_AT_S + secondsAfterBuild, BUILT_AT_S + secondsAfterBuild);
}
