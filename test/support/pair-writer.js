// Writes record n to a log and flushes it, then record n to a data file, without end; now and then it rests for some milliseconds.
import { fsyncSync, openSync, writeSync } from 'node:fs';

const folder = process.argv[2];
const log = openSync(`${folder}/log`, 'a');
const data = openSync(`${folder}/data`, 'r+');

function next(n) {
  writeSync(log, `${n}\n`);
  fsyncSync(log);
  writeSync(data, String(n).padStart(10, '0'), 0);
  if (n % 3 > 0) fsyncSync(data);
  if (Math.random() < 0.05) setTimeout(next, Math.random() * 20, n + 1);
  else setImmediate(next, n + 1);
}
next(1);
