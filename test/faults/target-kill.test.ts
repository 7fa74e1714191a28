import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STAGE_FOLDER } from '../../src-main/engine/model/index.ts';
import { eventually } from '../support/eventually.ts';
import { FakeSource } from '../support/fake-source.ts';
import { startTargetProcess, type TargetProcess } from '../support/start-target-process.ts';
import { replicaSpec } from '../support/target-fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testIdentity } from '../support/test-identity.ts';
import { findHalfWritten, makeStory, randomNumbers, readTree } from '../support/version-story.ts';
import { stagedFiles } from '../support/staged-files.ts';

const SEEDS = 30;
const KILLS = 2;

const identities = Promise.all([testIdentity('beta'), testIdentity('alpha')]);
const chosen = process.env.SEED === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(process.env.SEED)];

test.each(chosen)('a target killed at random moments ends equal and never shows half a file (SEED=%i)', async (seed) => {
  const [identity, theirs] = await identities;
  const random = randomNumbers(seed);
  const base = tempFolder();
  const root = join(base, 'replica');
  mkdirSync(join(base, 'data'));
  const options = { dataDir: join(base, 'data'), identity, spec: replicaSpec(theirs, [{ from: '/source', to: root }]) };
  const { steps, expected } = makeStory(random, 400);
  let target: TargetProcess | null = null;
  try {
    for (let kill = 0; kill <= KILLS; kill++) {
      target = await startTargetProcess(base, options);
      expect(findHalfWritten(root)).toBeNull();
      const source = await FakeSource.join({ port: target.port, connectionId: options.spec.connectionId, identity: theirs });
      const from = source.nextSequence - 1;
      const isLast = kill === KILLS;
      const stopAt = isLast ? steps.length : from + Math.ceil((steps.length - from) * ((1 + random(100)) / 150));
      for (const step of steps.slice(from, stopAt)) {
        step(source);
        // Lets the target work now and then, so that kills meet every stage.
        if (random(4) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (isLast) {
        await eventually(
          'everything is applied',
          () => (source.lastAck?.applied ?? 0) >= steps.length || source.isClosed,
          30_000,
        );
      } else {
        const killAtMs = performance.now() + random(60);
        while (performance.now() < killAtMs) {
          expect(findHalfWritten(root)).toBeNull();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await target.kill();
      }
      expect(findHalfWritten(root)).toBeNull();
      expect(source.messages).toEqual([]);
      source.cut();
    }
    expect([...readTree(root)].sort()).toEqual([...expected].sort());
    expect(stagedFiles(join(base, STAGE_FOLDER, options.spec.connectionId))).toEqual([]);
  } finally {
    await target?.kill();
  }
});
