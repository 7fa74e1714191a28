import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from './measure.ts';

/**
 * The program whose writes are timed: a process of its own, as an application is. Creates small files, then writes 4 KiB at random places of a
 * large one, and prints what each took, as JSON in µs. `node writer.ts FOLDER FILES WRITES LARGE_BYTES`; the large file is `FOLDER/large`.
 */
export interface Wrote {
  readonly small: number;
  readonly large: number;
}

const [folder = '', files = '', writes = '', largeBytes = ''] = process.argv.slice(2);
const blocks = Number(largeBytes) / 4096;
const data = Buffer.alloc(4096, 1);
const WARM_UP = 200;
const BATCHES = 20;
/** Until a capture that was told of the first change covers the file. */
const COVER_MS = 300;

// The first change of a file is what begins its coverage, and only for those who open it afterwards.
writeFileSync(`${folder}/large`, 'x', { flag: 'r+' });
await delay(COVER_MS);

let next = 1;
/** Park and Miller's generator: the same places in each run, spread over the file. */
const place = (): number => ((next = (next * 48_271) % 2_147_483_647) % blocks) * 4096;

/** The median of twenty batches: a batch in which the machine did something else does not count for more than the others. */
function usPerCall(times: number, act: (i: number) => void): number {
  const size = Math.max(1, Math.floor(times / BATCHES));
  const batches = Array.from({ length: BATCHES }, (_, batch) => {
    const startMs = performance.now();
    for (let i = 0; i < size; i++) act(batch * size + i);
    return ((performance.now() - startMs) * 1000) / size;
  });
  return median(batches);
}

const create = (name: string) => (i: number) => writeFileSync(`${folder}/${name}${i}`, data);
usPerCall(WARM_UP, create('warm'));
const small = usPerCall(Number(files), create('f'));
const fd = openSync(`${folder}/large`, 'r+');
const write = () => writeSync(fd, data, 0, 4096, place());
usPerCall(WARM_UP, write);
const large = usPerCall(Number(writes), write);
closeSync(fd);
process.stdout.write(JSON.stringify({ small, large } satisfies Wrote));
