import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../dist/main');
const workers = readdirSync(root).filter((name) => name.endsWith('-worker.js'));

/** A built file and all that it loads at its start. */
function loaded(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^"]*"(\.[^"]+)"/gm);
  for (const [, path = ''] of imports) loaded(join(dirname(file), path), found);
  return found;
}

const withSchemas = (file: string) =>
  [...loaded(join(root, file))].filter((one) => readFileSync(one, 'utf8').includes('$ZodType'));

test('no thread of the engine loads the library of schemas, which takes 8 MB in each', () => {
  expect(workers.length).toBeGreaterThan(3);
  expect(workers.flatMap(withSchemas)).toEqual([]);
});

test('what a command does not need is not loaded with it', () => {
  expect(withSchemas('dtcl.js')).not.toEqual([]);
  expect(withSchemas('understudy.js')).toEqual([]);
});

test('schemas are interpreted: making code of each at its first use would block the main thread', () => {
  const sets = (file: string) => readFileSync(file, 'utf8').includes('config({ jitless: true })');
  expect([...loaded(join(root, 'dtcl.js'))].filter(sets)).toHaveLength(1);
});

test('what is built has only ASCII, which V8 keeps in half the memory', () => {
  const files = [
    ...workers.map((name) => join(root, name)),
    ...readdirSync(join(root, 'chunks')).map((name) => join(root, 'chunks', name)),
  ];
  // eslint-disable-next-line no-control-regex -- the whole of ASCII is meant
  expect(files.filter((file) => /[^\x00-\x7f]/.test(readFileSync(file, 'utf8')))).toEqual([]);
});
