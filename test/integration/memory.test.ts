import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isQuiet } from '../../src-main/cli/demo/followed-connection.ts';
import { eventually } from '../support/eventually.ts';
import { processMemory } from '../support/process-memory.ts';
import { ServicePair } from '../support/service-pair.ts';

const FEW = 5_000;
const MANY = 40_000;
const PER_FOLDER = 500;
/** What collections happen to leave between two moments; a hundred times less than holding an object for each file would make. */
const MOST_BYTES_PER_FILE = 1_000;
/** With room for other machines; see test/bench/README.md for what it is. */
const MOST_RESIDENT_BYTES = 170_000_000;
const TIMEOUT_MS = 240_000;

let pair: ServicePair;
beforeAll(async () => {
  // As an administrator's services run: the cache of compiled code that the tests share changes what is in their memory.
  delete process.env.NODE_COMPILE_CACHE;
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

/** Set-up and small sets fill buffers and pools, so growth is looked for only above a few thousand files. */
test.skipIf(process.platform !== 'linux')(
  'eight times as many files take no more memory, on neither side, while they are mirrored and while they change',
  async () => {
    const tree = `${pair.folder}/tree`;
    mkdirSync(tree);
    await pair.call('source', 'set.create', { name: 'many' });
    await pair.call('source', 'set.add-rule', { name: 'many', rule: { path: tree, verdict: 'include', recursive: true } });
    await pair.call('source', 'set.save', { name: 'many' });
    const map = { kind: 'pairs', pairs: [{ from: tree, to: `${pair.folder}/replica` }] } as const;
    const { id } = await pair.connect('many', map, { kind: 'all' });
    await peaksUntilQuiet(id, 0);
    // Both ways to do the same for few files as later for many, mirrors a few times: what collections leave at a peak differs from one to the next.
    makeFiles(tree, 0, FEW);
    const few = await peaksUntilQuiet(id, FEW);
    for (let mirrors = 1; mirrors <= 3; mirrors++) {
      await pair.call('source', 'mirror.start', { connectionId: id, options: { kind: 'all' } });
      const peaks = await peaksUntilQuiet(id, (mirrors + 1) * FEW);
      for (const side of ['source', 'target'] as const) few[side].ownBytes = Math.max(few[side].ownBytes, peaks[side].ownBytes);
    }

    makeFiles(tree, FEW, MANY);
    const live = await peaksUntilQuiet(id, 4 * FEW + (MANY - FEW));
    await pair.call('source', 'mirror.start', { connectionId: id, options: { kind: 'all' } });
    const many = await peaksUntilQuiet(id, 3 * FEW + 2 * MANY);

    for (const side of ['source', 'target'] as const) {
      const grownBytes = Math.max(many[side].ownBytes, live[side].ownBytes) - few[side].ownBytes;
      console.log(side, grownBytes / (MANY - FEW), few[side], live[side], many[side]);
      expect(grownBytes / (MANY - FEW), `growth of the ${side} for each file`).toBeLessThan(MOST_BYTES_PER_FILE);
      expect(many[side].residentBytes, `resident memory of the ${side}`).toBeLessThan(MOST_RESIDENT_BYTES);
    }
  },
  TIMEOUT_MS,
);

/** The most that both services held until so many ops were sent and nothing was left to do. */
async function peaksUntilQuiet(connectionId: string, ops: number) {
  const peaks = { source: { residentBytes: 0, ownBytes: 0 }, target: { residentBytes: 0, ownBytes: 0 } };
  const look = (side: 'source' | 'target') => {
    const { residentBytes, ownBytes } = processMemory(pair.services[side].pid);
    peaks[side].residentBytes = Math.max(peaks[side].residentBytes, residentBytes);
    peaks[side].ownBytes = Math.max(peaks[side].ownBytes, ownBytes);
  };
  await eventually(
    `${ops} ops are applied`,
    async () => {
      look('source');
      look('target');
      const snapshot = await pair.call('source', 'connection.get', { connectionId });
      return snapshot.statistics.appliedOps >= ops && isQuiet(snapshot);
    },
    TIMEOUT_MS / 4,
  );
  return peaks;
}

function makeFiles(tree: string, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const folder = `${tree}/d${Math.floor(i / PER_FOLDER)}`;
    if (i % PER_FOLDER === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/f${i}`, '');
  }
}
