import { expect, test } from 'vitest';
import { Closers } from '../../../src-main/service/closers.ts';

test('what was opened last is closed first, once, and a failure keeps nothing else open', async () => {
  const closed: string[] = [];
  const closers = new Closers();
  closers.add('first', () => void closed.push('first'));
  closers.add('second', () => Promise.reject(new Error('broken')));
  closers.add('third', () => void closed.push('third'));
  const all = closers.closeAll();
  expect(closers.closeAll()).toBe(all);
  await expect(all).rejects.toThrow('did not stop cleanly');
  expect(closed).toEqual(['third', 'first']);
});

test('a step that takes long is told of while it is waited for, and no other', async () => {
  const slow: string[] = [];
  const closers = new Closers(20);
  closers.add('the log', () => undefined);
  let endEngine: () => void = () => undefined;
  closers.add('the engine', () => new Promise<void>((resolve) => (endEngine = resolve)));
  closers.tellSlow((what) => {
    slow.push(what);
    endEngine();
  });
  await closers.closeAll();
  expect(slow).toEqual(['the engine']);
});
