import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { seeded } from './storm.ts';

/** As a worker: writes here and there into one file, in every way that a program without a memory map has. */
export interface RangeWriterData {
  readonly file: string;
  readonly seed: number;
  readonly steps: number;
  readonly bytes: number;
  /** Cutting the file short. */
  readonly truncates: boolean;
}

const { file, seed, steps, bytes, truncates } = workerData as RangeWriterData;
const random = seeded(seed);
const upTo = (most: number): number => Math.floor(random() * most);
let fd = openSync(file, 'r+');
for (let i = 0; i < steps; i++) {
  const data = Buffer.alloc(1 + upTo(random() < 0.1 ? 300_000 : 5_000), i % 256);
  const kind = random();
  if (kind < 0.85) writeSync(fd, data, 0, data.length, upTo(bytes));
  else if (kind < 0.95) {
    const append = openSync(file, 'a');
    writeSync(append, data);
    closeSync(append);
  } else if (kind < 0.97 && truncates) ftruncateSync(fd, bytes - upTo(100_000));
  else if (kind < 0.98) {
    closeSync(fd);
    fd = openSync(file, 'r+');
  }
}
closeSync(fd);
