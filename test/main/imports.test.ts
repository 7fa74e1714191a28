import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judgeImport, roomOf } from '../support/import-rules.ts';
import { readImports } from '../support/imports.ts';

const root = resolve(import.meta.dirname, '../..');
const imports = readImports(root, ['src-main', 'src-renderer']);

test('every import of the program follows the table of rooms', () => {
  expect(imports.length).toBeGreaterThan(50);
  expect(imports.map(judgeImport).filter((fault) => fault !== null)).toEqual([]);
});

test('every room that others use has a door', () => {
  const entered = imports.flatMap(({ from, to }) => (to.kind === 'file' && roomOf(to.path) !== roomOf(from) ? [to.path] : []));
  expect(entered.filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
});

describe('the judge', () => {
  const file = (from: string, path: string): string | null => judgeImport({ from, to: { kind: 'file', path } });
  const pack = (from: string, name: string): string | null => judgeImport({ from, to: { kind: 'package', name } });

  test.each([
    ['a stage that imports another stage', file('src-main/engine/apply/a.ts', 'src-main/engine/queue/index.ts')],
    ['a stage that imports the room that wires it', file('src-main/engine/apply/a.ts', 'src-main/engine/connection/index.ts')],
    ['a way round the door', file('src-main/service/a.ts', 'src-main/control/frames.ts')],
    ['an import that points up', file('src-main/base/a.ts', 'src-main/store/index.ts')],
    ['a service that knows a stage', file('src-main/service/a.ts', 'src-main/engine/queue/index.ts')],
    ['a renderer that knows the console room', file('src-renderer/a.svelte', 'src-main/console/index.ts')],
    ['a main side that knows the renderer', file('src-main/app/a.ts', 'src-renderer/main.ts')],
    ['electron outside the shell', pack('src-main/console/a.ts', 'electron')],
    ['SQLite outside the store', pack('src-main/engine/catalog/a.ts', 'better-sqlite3')],
    ['native calls outside the disk and capture', pack('src-main/engine/apply/a.ts', 'koffi')],
    ['Node in the contract', pack('src-main/api/a.ts', 'node')],
  ])('refuses %s', (_what, verdict) => {
    expect(verdict).not.toBeNull();
  });

  test.each([
    ['a stage that uses the disk', file('src-main/engine/apply/a.ts', 'src-main/engine/fs/index.ts')],
    ['the shell that uses the console', file('src-main/app/a.ts', 'src-main/console/index.ts')],
    ['a renderer that uses the contract', file('src-renderer/a.svelte', 'src-main/api/index.ts')],
    ['a file of the same room', file('src-main/engine/apply/a.ts', 'src-main/engine/apply/b.ts')],
  ])('accepts %s', (_what, verdict) => {
    expect(verdict).toBeNull();
  });
});
