import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Failures, type Failure } from '../../../../../src-main/engine/connection/target/failures.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const failure = (path: string, sequence = 1): Failure => ({ sequence, root: 0, path, code: 'not-empty', details: { path } });

test('what failed is remembered through a kill until something succeeds at that place', () => {
  const file = join(tempFolder(), 'failures');
  const failures = Failures.open(file);
  failures.add(failure('a'));
  failures.add(failure('b\xff\n', 2));
  failures.add(failure('a', 3));
  failures.resolve(0, 'b\xff\n');
  failures.resolve(0, 'never failed');
  failures.resolve(1, 'a');
  // no close: the process was killed, in the middle of a line
  appendFileSync(file, '{"sequence":9,"root":0,"pa');
  const again = Failures.open(file);
  expect(again.list).toEqual([failure('a', 3)]);
  again.resolve(0, 'a');
  expect(Failures.open(file).list).toEqual([]);
});
