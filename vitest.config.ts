import { svelte } from '@sveltejs/vite-plugin-svelte';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import type { TestUserConfig } from 'vitest/node';
import { LongestFirst } from './test/support/longest-first.ts';

// Hundreds of processes and threads start from the same sources and the same build; this way each of these is compiled once.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/understudy-compiled');

/** Threads that read TypeScript load a WebAssembly module each; V8 was seen to abort a test's process while such threads came and went. */
const execArgv = ['--no-wasm-code-gc'];

/**
 * Seven projects in three groups, one group after the other so that nothing disturbs what is timed. First what needs nothing built:
 * `unit`, `renderer`, and `conformance`, one suite per interface on the real thing. Then `measured`, which compares times and sizes, or lives
 * on short gaps, one file at a time. Last what stands on real processes and waits for them more than it works: `integration` starts real services and
 * threads, `faults` kills, cuts and fills what they stand on, `e2e` drives the built console in a real browser.
 */
const groups = {
  direct: { execArgv, maxWorkers: availableParallelism() + 1, sequence: { groupOrder: 0 } },
  measured: { fileParallelism: false, sequence: { groupOrder: 1 } },
  processes: { maxWorkers: 3, sequence: { groupOrder: 2 } },
};
const onBuilt: TestUserConfig = {
  globalSetup: ['test/support/build-when-stale.ts'],
  pool: 'forks',
  execArgv,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};
const timed = ['control-plane', 'descriptors', 'guard', 'limits', 'memory', 'ranges'];
// Files are copied in the gaps that their writers leave, of fractions of a millisecond: nobody else is to take the processors then.
const copiedAtOneInstant = ['clones', 'mariadb', 'point-in-time', 'postgresql', 'snapshot-backup', 'sqlite-wal'];
const measured = [...timed, ...copiedAtOneInstant].map((name) => `test/integration/${name}.test.ts`);

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Two hundred small files: a worker for each would take longer to start than the tests to run. Nothing is mocked by module.
        test: { ...groups.direct, name: 'unit', include: ['test/main/**/*.test.ts'], testTimeout: 20_000, isolate: false },
      },
      { test: { ...groups.direct, name: 'conformance', include: ['test/conformance/**/*.test.ts'], testTimeout: 60_000 } },
      {
        // Stores use runes, so they are compiled; `browser` selects Svelte's client runtime, the one that reacts.
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
        test: { ...groups.direct, name: 'renderer', include: ['test/renderer/**/*.test.ts'] },
      },
      { test: { ...groups.measured, ...onBuilt, name: 'measured', include: measured } },
      {
        test: {
          ...groups.processes,
          ...onBuilt,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: measured,
        },
      },
      { test: { ...groups.processes, ...onBuilt, name: 'faults', include: ['test/faults/**/*.test.ts'] } },
      { test: { ...groups.processes, ...onBuilt, name: 'e2e', include: ['test/e2e/**/*.test.ts'] } },
    ],
  },
});
