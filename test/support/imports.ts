import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** One import statement (also `export … from` and `import()`): who imports what, as paths from the root or a package's name. */
export interface ImportStatement {
  readonly from: string;
  readonly to: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'package'; readonly name: string };
}

/** Every import statement in the `.ts` and `.svelte` files below `folders`. */
export function readImports(root: string, folders: readonly string[]): ImportStatement[] {
  return folders.flatMap((folder) => sourceFiles(join(root, folder))).flatMap((file) => importsOf(root, file));
}

function importsOf(root: string, file: string): ImportStatement[] {
  const text = readFileSync(file, 'utf8');
  const code = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map((match) => match[1]).join('\n')
    : text;
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => ({
    from: relative(root, file),
    to: fileName.startsWith('.')
      ? { kind: 'file', path: relative(root, resolve(dirname(file), fileName)) }
      : { kind: 'package', name: packageName(fileName) },
  }));
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node';
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return /\.(ts|svelte)$/.test(name) ? [path] : [];
  });
}
