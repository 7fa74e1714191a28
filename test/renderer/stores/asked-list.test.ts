import { expect, test } from 'vitest';
import { AskedList } from '../../../src-renderer/stores/asked-list.svelte.ts';

test('the answer to the newest question counts, also when an older one comes later', async () => {
  const answers: ((lines: readonly string[]) => void)[] = [];
  const list = new AskedList<string>(() => new Promise((resolve) => answers.push(resolve)));
  const both = [list.read(), list.read()];
  expect(list.lines).toBe(null);
  answers[1]?.(['new']);
  answers[0]?.(['old']);
  await Promise.all(both);
  expect(list.lines).toEqual(['new']);
});

test('a failure is told, and is over with the next answer', async () => {
  let fails = true;
  const list = new AskedList<string>(() =>
    fails
      ? Promise.reject(Object.assign(new Error('gone'), { code: 'link-lost', text: 'The line broke.' }))
      : Promise.resolve([]),
  );
  await list.read();
  expect([list.lines, list.failure]).toEqual([null, 'The line broke.']);
  fails = false;
  await list.read();
  expect([list.lines, list.failure]).toEqual([[], null]);
});
