import { svelte } from '@sveltejs/vite-plugin-svelte';
import { optimizeCss } from 'carbon-preprocess-svelte';
import { defineConfig } from 'electron-vite';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const root = (path: string): string => resolve(import.meta.dirname, path);

/** Carbon's style sheets name 200 font files on a web site; the program ships its own and must work without a network. */
const localFonts: Plugin = {
  name: 'local-fonts',
  enforce: 'pre',
  transform: {
    filter: { id: /carbon-components-svelte\/css\/.*\.css$/ },
    handler: (css: string) => css.replace(/@font-face\s*\{[^}]*\}/g, ''),
  },
};

/**
 * V8 keeps the source of what it runs, with two bytes a character as soon as one of them is beyond Latin-1 (a quotation mark in a sentence is).
 * Escaped, a program takes half the memory, in every thread that runs it.
 */
const asciiSource: Plugin = {
  name: 'ascii-source',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      chunk.code = chunk.code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    }
  },
};

/** Each of these becomes `dist/main/<name>.js`; `base/worker-entry.ts` finds the workers there by name. */
const mainEntries = {
  app: 'src-main/app/main.ts',
  understudy: 'src-main/cli/understudy.ts',
  dtcl: 'src-main/cli/dtcl.ts',
  'capture-worker': 'src-main/engine/connection/workers/capture-worker.ts',
  'shared-capture-worker': 'src-main/engine/connection/workers/shared-capture-worker.ts',
  'watch-worker': 'src-main/engine/connection/workers/watch-worker.ts',
  'source-worker': 'src-main/engine/connection/workers/source-worker.ts',
  'scout-worker': 'src-main/engine/connection/workers/scout-worker.ts',
  'target-worker': 'src-main/engine/connection/workers/target-worker.ts',
  'calculate-worker': 'src-main/engine/connection/workers/calculate-worker.ts',
  'certificate-worker': 'src-main/engine/connection/workers/certificate-worker.ts',
  'snapshot-worker': 'src-main/engine/connection/workers/snapshot-worker.ts',
};

export default defineConfig({
  main: {
    plugins: [asciiSource],
    build: {
      outDir: 'dist/main',
      rolldownOptions: {
        // A module of ours does nothing but define what it exports, so that a thread loads only what it uses of a room. One sets up a library.
        output: { comments: { jsdoc: false } },
        treeshake: {
          moduleSideEffects: (id: string) => !id.startsWith(root('src-main')) || id === root('src-main/api/schema.ts'),
        },
        input: Object.fromEntries(
          Object.entries(mainEntries)
            .map(([name, path]) => [name, root(path)] as const)
            .filter(([, path]) => existsSync(path)),
        ),
      },
    },
  },
  preload: {
    build: {
      outDir: 'dist/preload',
      // A sandboxed preload is one CommonJS file that can require nothing but Electron.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: root('src-main/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: root('src-renderer'),
    // Relative addresses work from `file:` in the window and from the console's web server alike.
    base: './',
    plugins: [localFonts, svelte({ configFile: false }), optimizeCss()],
    build: {
      outDir: root('dist/renderer'),
      minify: true,
      rolldownOptions: { input: { index: root('src-renderer/index.html') } },
    },
  },
});
