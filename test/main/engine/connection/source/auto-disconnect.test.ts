import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { initialConnectionSettings, type ConnectionSettings, type Cut } from '../../../../../src-main/api/index.ts';
import { AutoDisconnect } from '../../../../../src-main/engine/connection/source/auto-disconnect.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const cut: Cut = { sequence: 1, at: '2026-11-27T01:00:01.000Z', label: 'file-level' };
const order = { owner: 'eva', reason: 'rotation' };

async function following(queue: Partial<ConnectionSettings['queue']> = {}) {
  const folder = tempFolder();
  mkdirSync(`${folder}/a`);
  const bench = await SourceStagesBench.open(folder);
  await bench.mirror({ kind: 'all' });
  const capture = { isReady: true, isComplete: true, ended: 0 };
  const autoDisconnect = new AutoDisconnect({
    stages: bench.stages,
    settings: () => ({ ...initialConnectionSettings.queue, autoReconnect: true, autoRemirror: 'none', ...queue }),
    capture: {
      isReady: () => capture.isReady,
      isComplete: () => capture.isComplete,
      restart: () => undefined,
      end: () => {
        capture.ended++;
      },
    },
    event: () => undefined,
  });
  return { autoDisconnect, bench, capture };
}

test('a replica that was set back: nothing that is known of it counts, and nothing is sent before a mirror is started; told again, that changes nothing', async () => {
  const { autoDisconnect, bench, capture } = await following();
  const { catalog, mirrors } = bench.stages;
  expect([autoDisconnect.hasAll, catalog.lookup({ root: 0, path: '' })?.trust]).toEqual([true, 'known']);
  autoDisconnect.reverted('r1');
  expect([autoDisconnect.status, autoDisconnect.hasAll, autoDisconnect.mustWait]).toEqual(['pending', false, true]);
  expect(autoDisconnect.problem).toMatchObject({ code: 'replica-reverted' });
  expect([catalog.lookup({ root: 0, path: '' })?.trust, catalog.lookup({ root: 0, path: 'a' })?.trust]).toEqual([
    'nothing',
    'nothing',
  ]);
  // It is still watched, and a mirror joins it again.
  expect(capture.ended).toBe(0);
  autoDisconnect.reconnect({ kind: 'different' });
  expect([autoDisconnect.status, mirrors.status().kind]).toEqual([null, 'calculating']);
  autoDisconnect.reverted('r1');
  expect([autoDisconnect.status, mirrors.status().kind]).toEqual([null, 'calculating']);
});

test('one that was set back while it was parked comes back with the mirror that was ordered, and without an order waits for one', async () => {
  const ordered = await following();
  ordered.autoDisconnect.park(order, cut);
  ordered.autoDisconnect.reconnect({ kind: 'different' });
  ordered.autoDisconnect.reverted('r1');
  ordered.autoDisconnect.linkUp();
  expect([ordered.autoDisconnect.status, ordered.bench.stages.mirrors.status().kind]).toEqual([null, 'calculating']);
  expect(ordered.bench.stages.catalog.lookup({ root: 0, path: 'a' })?.trust).toBe('nothing');

  // It left because its queue was full, and its settings bring it back with a mirror.
  const byItself = await following({ autoRemirror: 'different' });
  byItself.autoDisconnect.queueLost({ kind: 'limit', limitBytes: 1 });
  byItself.autoDisconnect.reverted('r1');
  byItself.autoDisconnect.linkUp();
  expect(byItself.autoDisconnect.status).toBe('pending');
});

test('a replica that is parked when all that changed has been found is complete', async () => {
  const { autoDisconnect } = await following();
  autoDisconnect.park(order, cut);
  expect(autoDisconnect.parked).toMatchObject({ cut, isComplete: true });
});

test('one that is parked while the disk is compared is not: what changed while nobody watched may be missing', async () => {
  const { autoDisconnect, bench } = await following();
  bench.stages.mirrors.compare();
  autoDisconnect.park(order, cut);
  expect(autoDisconnect.parked).toMatchObject({ cut, isComplete: false });
});

test('one that is parked while nobody watches is not either', async () => {
  const { autoDisconnect, capture } = await following();
  capture.isComplete = false;
  autoDisconnect.park(order, cut);
  expect(autoDisconnect.parked).toMatchObject({ cut, isComplete: false });
});

test('one that was back, and waited for a mirror, is not watched any more when it is parked again', async () => {
  const { autoDisconnect, capture } = await following();
  autoDisconnect.park(order, cut);
  autoDisconnect.reconnect('none');
  autoDisconnect.linkUp();
  expect(autoDisconnect.status).toBe('pending');
  autoDisconnect.park(order, null);
  expect(autoDisconnect.status).toBe('parked');
  expect(capture.ended).toBe(2);
});
