import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const documents = globSync(['*.md', '{docs,src-main,src-renderer,test}/**/*.md'], { cwd: root }).filter(
  (file) => file !== 'CHANGELOG.md',
);

/** Where a file that a document names may be: from the top, in a room, or beside the document. */
function isThere(name: string, document: string): boolean {
  return ['', 'src-main', 'src-main/engine', dirname(document)].some((place) => existsSync(join(root, place, name)));
}

test.each(documents)('every file that %s names is there', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const named = [...text.matchAll(/(?<![\w/.-])((?:[\w.-]+\/)+[\w.-]+\.(?:ts|svelte|md))\b/g)].map(([, name = '']) => name);
  const others = /^(node_modules|dist|https?:)|example/;
  expect(named.filter((name) => !others.test(name) && !isThere(name, document))).toEqual([]);
});
