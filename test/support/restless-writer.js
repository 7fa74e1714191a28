// Without end: appends record n to a log and flushes it, then writes record n at the start and at the end of a large file. Never rests.
import { fstatSync, fsyncSync, openSync, writeSync } from 'node:fs';

const folder = process.argv[2];
const log = openSync(`${folder}/log`, 'a');
const data = openSync(`${folder}/data`, 'r+');
const end = fstatSync(data).size - 10;

for (let n = 1; ; n++) {
  writeSync(log, `${n}\n`);
  fsyncSync(log);
  const record = String(n).padStart(10, '0');
  writeSync(data, record, 0);
  writeSync(data, record, end);
}
