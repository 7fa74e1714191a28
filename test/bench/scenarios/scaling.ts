import { statfsSync } from 'node:fs';
import { isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { coldCache } from '../measure.ts';
import type { Figure } from '../results.ts';
import { completedAt, never, type Understudy } from '../tools/understudy.ts';
import { makeBigFile, makeFiles } from '../trees.ts';
import { drop, newJob, type Context, type Scenario } from './scenario.ts';

const counts = [10_000, 100_000, 1_000_000];
const gibibytes = [1, 4, 16];
/** What a small file, its copy and what is known of it take on the disk. */
const FILE_BYTES = 10_000;

/** Whether the curve is straight: the first mirror, and the same again with nothing changed, over two orders of magnitude; once each. */
export const scaling: Scenario = {
  name: 'scaling',
  about: 'the first mirror and one where nothing changed, of 10,000 to 1,000,000 files and of 1 to 16 GiB',
  goals: () => [],
  run: async (context) => {
    const { own, say } = context;
    if (own === null) return [];
    const figures: Figure[] = [];
    for (const count of counts) {
      if (!hasRoom(context, count * FILE_BYTES)) say(`no room for ${count} files`);
      else figures.push(...(await measure(context, own, `${count} files of 4 KiB`, (root) => makeFiles(root, count, 4096))));
    }
    for (const size of gibibytes) {
      if (!hasRoom(context, size * 2 ** 31)) say(`no room for ${size} GiB twice`);
      else figures.push(...(await measure(context, own, `one file of ${size} GiB`, (root) => makeBigFile(root, size * 1024))));
    }
    return figures;
  },
};

async function measure(
  context: Context,
  own: Understudy,
  what: string,
  make: (root: string) => Promise<string>,
): Promise<Figure[]> {
  const source = `${context.base}/source`;
  const job = newJob(context, source, await make(source));
  await coldCache();
  const startMs = Date.now();
  const connection = await own.connect(job, { kind: 'all' });
  await connection.until('the mirror', isQuiet, never, { stallMs: 600_000 });
  const first = (completedAt(connection.snapshot) - startMs) / 1000;
  await coldCache();
  const { durableMs } = (await own.again?.(job, false)) ?? { durableMs: NaN };
  context.say(`scaling, ${what}: ${first.toFixed(2)} s, again ${(durableMs / 1000).toFixed(2)} s`);
  await own.forget(job);
  await drop(context, job);
  return [
    { work: `scaling: mirror ${what}`, tool: own.name, unit: 's', runs: [first] },
    { work: `scaling: again, nothing changed, ${what}`, tool: own.name, unit: 's', runs: [durableMs / 1000] },
  ];
}

/** A tenth of the disk stays free. */
function hasRoom({ base }: Context, bytes: number): boolean {
  const { bavail, blocks, bsize } = statfsSync(base);
  return bavail * bsize - bytes > (blocks * bsize) / 10;
}
