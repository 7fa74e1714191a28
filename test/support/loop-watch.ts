import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded into a service (`NODE_OPTIONS=--import`): how long its main thread works without returning to its event loop. The thread's
 * own processor time between two ticks counts, not the clock: on a busy machine the thread also waits for its turn, which is not its doing.
 * Written every second as JSON `{worstMs, ticks}` to `UNDERSTUDY_LOOP_REPORT` with the process id as its ending.
 */
/** What other short turns took between two ticks counts to the longest: so little that it is no matter. */
const TICK_MS = 1;
const WARM_UP_MS = 3_000;
const file = process.env.UNDERSTUDY_LOOP_REPORT;

if (file !== undefined && isMainThread) {
  let last = process.threadCpuUsage();
  let worstMs = 0;
  let ticks = 0;
  // Loading and compiling the program is over by then, and no connection exists yet.
  setTimeout(() => {
    last = process.threadCpuUsage();
    setInterval(() => {
      const now = process.threadCpuUsage();
      worstMs = Math.max(worstMs, (now.user - last.user + now.system - last.system) / 1000);
      last = now;
      ticks++;
    }, TICK_MS).unref();
    setInterval(() => {
      writeFileSync(`${file}.${process.pid}.new`, JSON.stringify({ worstMs, ticks }));
      renameSync(`${file}.${process.pid}.new`, `${file}.${process.pid}`);
      last = process.threadCpuUsage();
    }, 1_000).unref();
  }, WARM_UP_MS).unref();
}
