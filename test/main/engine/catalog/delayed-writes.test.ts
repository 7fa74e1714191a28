import { expect, test } from 'vitest';
import { DelayedWrites } from '../../../../src-main/engine/catalog/delayed-writes.ts';
import { openDatabase } from '../../../../src-main/store/index.ts';

function table() {
  const database = openDatabase(':memory:', ['CREATE TABLE rows (name TEXT UNIQUE, value INTEGER NOT NULL)']);
  const put = database.prepare('INSERT INTO rows VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  return { put, rows: () => database.prepare('SELECT name, value FROM rows ORDER BY name').raw(true).all() };
}

test('writes wait, are known by name, and are done in their order', () => {
  const { put, rows } = table();
  const writes = new DelayedWrites();
  writes.add('a', put, ['a', 1]);
  writes.add('b', put, ['b', 2]);
  writes.add('a', put, ['a', 3]);
  expect([rows(), writes.concern('a'), writes.concern('c')]).toEqual([[], true, false]);
  writes.run();
  expect([rows(), writes.concern('a')]).toEqual([[['a', 3], ['b', 2]], false]); // prettier-ignore
});

test('no more wait than fit, and none is lost when one cannot be done', () => {
  const { put, rows } = table();
  const writes = new DelayedWrites();
  for (let i = 0; i < 600; i++) writes.add(`n${i}`, put, [`n${i}`, i]);
  expect(rows().length).toBe(512);
  writes.add('bad', put, ['bad', null]);
  writes.add('after', put, ['after', 1]);
  expect(() => writes.run()).toThrow(/NOT NULL/);
  expect(rows().length).toBe(600);
  expect([writes.concern('bad'), writes.concern('after')]).toEqual([true, true]);
});
