import { expect, test } from 'vitest';
import { ReplicationError, silentLog } from '../../../../src-main/base/index.ts';
import { CutKeeper } from '../../../../src-main/service/pauses/index.ts';
import { HandClock } from '../../../support/hand-clock.ts';

function scene() {
  const clock = new HandClock(0);
  const told: string[] = [];
  const heard: string[] = [];
  const results: (boolean | ReplicationError)[] = [];
  const keeper = new CutKeeper({
    clock,
    keep: () => {
      const result = results.shift() ?? false;
      return result instanceof ReplicationError ? Promise.reject(result) : Promise.resolve(result);
    },
    onKept: () => heard.push('kept'),
    onLooked: () => heard.push('looked'),
    tell: (text) => told.push(text),
    log: silentLog,
  });
  const turn = async () => {
    clock.turn(1_000);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { keeper, results, told, heard, turn };
}

test('what is kept is told to whoever shows it', async () => {
  const { keeper, results, heard } = scene();
  results.push(true, false);
  await keeper.changed();
  expect(heard).toEqual(['looked', 'kept']);
  await keeper.changed();
  expect(heard).toEqual(['looked', 'kept', 'looked']);
});

test('a disk that takes nothing is told once, and tried again each second until it does', async () => {
  const { keeper, results, told, heard, turn } = scene();
  const full = new ReplicationError('disk-full', { path: '/var/lib/understudy/connections.json' });
  results.push(full, full, full, true);
  await keeper.changed();
  await keeper.changed(); // another connection changed meanwhile
  await turn();
  expect([told.length, heard]).toEqual([1, []]);
  expect(told[0]).toMatch(/^The cut of a pause cannot be kept;.*connections\.json/);
  await turn();
  expect(heard).toEqual(['looked', 'kept']);
  await turn();
  expect(heard, 'nothing is tried any more').toEqual(['looked', 'kept']);
});

test('a service that stops tries no more', async () => {
  const { keeper, results, heard, turn } = scene();
  results.push(new ReplicationError('disk-full', { path: '/data' }), true);
  await keeper.changed();
  keeper.close();
  await turn();
  expect(heard).toEqual([]);
});
