import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../../base/index.ts';
import { expectRead, statEntry } from '../../fs/index.ts';
import { BETWEEN, BUSY, ENDED, type ScoutData, type ScoutOrder, type ToScout } from '../source/scout-protocol.ts';

/** Whoever asked is past it by then. */
const STALE_MS = 500;

invariant(parentPort !== null, 'the scout runs as a worker');
const source = parentPort;
const shared = new Int32Array((workerData as ScoutData).shared);

source.on('message', (message: ToScout) => {
  if (message === 'end') source.close();
  else scout(message);
});

function scout({ prefix, names, isRead, atMs }: ScoutOrder): void {
  Atomics.store(shared, BUSY, 1);
  for (const name of names.split(BETWEEN)) {
    if (Atomics.load(shared, ENDED) !== 0 || Date.now() - atMs > STALE_MS) break;
    if (isRead) expectRead(prefix + name);
    else look(prefix + name);
  }
  Atomics.store(shared, BUSY, 0);
  Atomics.notify(shared, BUSY);
}

function look(path: string): void {
  try {
    statEntry(path);
  } catch {
    // Whoever walks there says what is the matter.
  }
}
