import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ReplicationError } from '../../base/index.ts';
import { count, type Screen } from './screen.ts';

const TREE_FILES = 1_000;
const REPEATS = 20;
const APPEAR_TIMEOUT_MS = 30_000;

/** A folder of the set that the demo may write in, and where its replica arrives. */
export interface Scratch {
  readonly source: string;
  readonly target: string;
}

/** Changes files in the scratch folder and measures when each change is to be seen on the target's disk, under its final name. */
export async function showLiveChanges(scratch: Scratch, screen: Screen, signal: AbortSignal): Promise<void> {
  const { source, target } = scratch;
  const isThere = (name: string, size: number) => statSync(`${target}/${name}`, { throwIfNoEntry: false })?.size === size;

  const created: number[] = [];
  const appended: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    created.push(
      await latency(
        `file ${i}`,
        () => writeFileSync(`${source}/file ${i}`, 'x'.repeat(4096)),
        () => isThere(`file ${i}`, 4096),
        signal,
      ),
    );
    appended.push(
      await latency(
        `file ${i}`,
        () => appendFileSync(`${source}/file ${i}`, 'y'.repeat(1000)),
        () => isThere(`file ${i}`, 5096),
        signal,
      ),
    );
  }
  screen.say('Live', `create a file of 4 KiB         on the target after ${spread(created)}`);
  screen.say('', `append to it                   on the target after ${spread(appended)}`);

  const treeMs = await latency(
    'a new folder',
    () => {
      mkdirSync(`${source}/tree/deep`, { recursive: true });
      for (let i = 0; i < TREE_FILES; i++) writeFileSync(`${source}/tree/deep/${i}`, `number ${i}`);
    },
    () => isThere(`tree/deep/${TREE_FILES - 1}`, `number ${TREE_FILES - 1}`.length),
    signal,
  );
  screen.say('', `create ${count(TREE_FILES)} files             the last one is there ${time(treeMs)} after the first was begun`);
  const renameMs = await latency(
    'the renamed folder',
    () => renameSync(`${source}/tree`, `${source}/renamed`),
    () => existsSync(`${target}/renamed/deep/0`) && !existsSync(`${target}/tree`),
    signal,
  );
  screen.say('', `rename the folder of ${count(TREE_FILES)}     on the target after ${time(renameMs)}`);
  const deleteMs = await latency(
    'the deleted folder',
    () => rmSync(`${source}/renamed`, { recursive: true }),
    () => !existsSync(`${target}/renamed`),
    signal,
  );
  screen.say('', `delete it                      gone on the target after ${time(deleteMs)}`);
}

/** Milliseconds from the beginning of `change` until `isSeen`. */
async function latency(what: string, change: () => void, isSeen: () => boolean, signal: AbortSignal): Promise<number> {
  const startMs = performance.now();
  change();
  while (!isSeen()) {
    if (performance.now() - startMs > APPEAR_TIMEOUT_MS) {
      throw new ReplicationError('timeout', { text: `${what} did not reach the target within ${APPEAR_TIMEOUT_MS / 1000} s` });
    }
    await delay(1, undefined, { signal });
  }
  return performance.now() - startMs;
}

function spread(valuesMs: readonly number[]): string {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  return `${time(sorted[Math.floor(sorted.length / 2)] ?? 0)} (median of ${sorted.length}; slowest ${time(sorted.at(-1) ?? 0)})`;
}

function time(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
