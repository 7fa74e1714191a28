import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { everything, startScene, type CreateCapture } from './scene.ts';
import type { ShadowSelection } from './shadow.ts';
import { seeded, Storm, type StormWorkerData } from './storm.ts';

/** How many storms one run of the suite makes of each kind. */
const STORMS = Number(process.env.STORMS ?? 60);
const THREADED_STORMS = Math.ceil(STORMS / 20);

const STORM_TIMEOUT_MS = 20_000 + STORMS * 500;

/** Every run tries other storms; a failure names its seed, and `STORM_SEED=<seed>` makes it again. */
function seedFromEnvironment(): number {
  return Number(process.env.STORM_SEED ?? Math.floor(Math.random() * 1e9));
}

/** After any storm of changes the shadow of a capture equals the disk. `hasThread`: a start takes as long as several storms do. */
export function stormsConformance(create: CreateCapture, hasThread: boolean): void {
  // A file written through one of its names, which is then gone before anybody looked, tells its other names' reader nothing: a
  // capture by names cannot know (the source compares everything at rest). So the content of such files is not judged in storms.
  const withoutSkip: ShadowSelection = {
    selects: (path) => !path.includes('/skip'),
    descends: (path) => !path.includes('/skip'),
    selectsAllBelow: () => false,
  };

  test.each([
    ['all of it', everything],
    ['a set that leaves names out', withoutSkip],
  ])(
    'after any storm, read late or early, the shadow equals the disk: %s',
    (_, selection) => {
      const firstSeed = seedFromEnvironment();
      for (let seed = firstSeed; seed < firstSeed + STORMS / (hasThread ? 10 : 1); seed++) {
        const { folder, outside, begin } = startScene(create, selection);
        const random = seeded(seed);
        const storm = new Storm(random, folder, outside, selection === everything);
        for (let i = 0; i < 30; i++) storm.step();
        const { capture, shadows, settle } = begin();
        const patience = 1 + Math.floor(random() * 60);
        for (let i = 0; i < 200; i++) {
          storm.step();
          if (random() * patience >= 1) continue;
          const notices = capture.read(0);
          for (const shadow of shadows) shadow.apply(notices);
        }
        settle();
        for (const shadow of shadows) expect(shadow.differences(storm.linked), `seed ${seed}`).toEqual([]);
        capture.close();
      }
    },
    STORM_TIMEOUT_MS,
  );

  test.each([
    ['all of it', everything],
    ['a set that leaves names out', withoutSkip],
  ])(
    'after a storm in another thread, followed while it blows, the shadow equals the disk: %s',
    async (_, selection) => {
      const firstSeed = seedFromEnvironment();
      for (let seed = firstSeed; seed < firstSeed + THREADED_STORMS; seed++) {
        const { folder, outside, begin } = startScene(create, selection);
        const { capture, shadows, settle } = begin();
        const data: StormWorkerData = { storm: { seed, steps: 4_000, folder, outside, hasLinks: selection === everything } };
        const worker = new Worker(new URL('storm.ts', import.meta.url), { workerData: data });
        const linked = new Set<number>();
        worker.on('message', (numbers: number[]) => numbers.forEach((number) => linked.add(number)));
        const over = new Promise<'over'>((resolve, reject) => worker.once('exit', () => resolve('over')).once('error', reject));
        const turn = () => new Promise<'on'>((resolve) => setImmediate(() => resolve('on')));
        do {
          const notices = capture.read(1);
          for (const shadow of shadows) shadow.apply(notices);
        } while ((await Promise.race([over, turn()])) === 'on');
        settle();
        expect(shadows[0]?.goneRoots.size).toBe(0);
        for (const shadow of shadows) expect(shadow.differences(linked), `seed ${seed}`).toEqual([]);
        capture.close();
      }
    },
    STORM_TIMEOUT_MS,
  );
}
