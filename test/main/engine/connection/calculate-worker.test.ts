import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { workerEntry } from '../../../../src-main/base/index.ts';
import type { SetRule } from '../../../../src-main/api/index.ts';
import type { CalculateOutput, ToCalculator } from '../../../../src-main/engine/connection/workers/calculate-worker.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

type Sum = Extract<ToCalculator, { kind: 'sum' }>;

/** The worker's answer; it ends when it is told to. */
async function calculate(task: Omit<Sum, 'kind' | 'ended'>, ended = new SharedArrayBuffer(4)): Promise<CalculateOutput> {
  const worker = new Worker(workerEntry('calculate-worker'));
  worker.postMessage({ kind: 'sum', ...task, ended } satisfies ToCalculator);
  const [output] = (await once(worker, 'message')) as [CalculateOutput];
  const over = once(worker, 'exit');
  worker.postMessage({ kind: 'end' } satisfies ToCalculator);
  await over;
  return output;
}

const include = (path: string): SetRule => ({ path, verdict: 'include', recursive: true });
const exclude = (path: string): SetRule => ({ path, verdict: 'exclude', recursive: true });

test('sums what the rules select, in a thread of its own', async () => {
  const root = tempFolder();
  mkdirSync(join(root, 'data/a/b'), { recursive: true });
  mkdirSync(join(root, 'data/skip'));
  writeFileSync(join(root, 'data/one'), 'x'.repeat(1000));
  writeFileSync(join(root, 'data/a/b/two'), 'x'.repeat(500));
  writeFileSync(join(root, 'data/a/three.tmp'), 'x'.repeat(99));
  writeFileSync(join(root, 'data/skip/four'), 'x');
  writeFileSync(Buffer.from(`${root}/data/odd\xff\n`, 'latin1'), 'x');
  symlinkSync('one', join(root, 'data/link'));
  const volumes = [{ name: 'C', folder: root }];
  const rules = [include('c:\\data'), exclude('c:\\data\\skip'), exclude('c:\\data\\*.tmp')];
  expect(await calculate({ rules, volumes })).toEqual({
    kind: 'done',
    sums: { files: 4, folders: 3, bytes: 1501, unreadable: 0 },
  });
});

test('an included path that does not exist is named', async () => {
  const rules = [include('/nowhere/at/all')];
  expect(await calculate({ rules, volumes: [] })).toEqual({
    kind: 'failed',
    code: 'not-found',
    details: { path: '/nowhere/at/all' },
  });
});

test('one that nobody wants any more is ended', async () => {
  const ended = new SharedArrayBuffer(4);
  Atomics.store(new Int32Array(ended), 0, 1);
  expect(await calculate({ rules: [include('/usr')], volumes: [] }, ended)).toMatchObject({ kind: 'failed', code: 'timeout' });
});

test('rules that include nothing are refused', async () => {
  expect(await calculate({ rules: [exclude('/tmp')], volumes: [] })).toMatchObject({ kind: 'failed', code: 'set-empty' });
});
