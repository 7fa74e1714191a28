import { expect, test } from 'vitest';
import { RepeatPace } from '../../../../../src-main/engine/connection/source/repeat-pace.ts';
import type { CatalogRow } from '../../../../../src-main/engine/catalog/index.ts';
import type { QueueItem } from '../../../../../src-main/engine/queue/index.ts';

/** A catalog in which `row` is what lies at `a`, and a target that has applied everything up to op 10. The clock on the wall shows 5 s at first. */
function openPace(row: Partial<CatalogRow>) {
  const time = { nowMs: 0, wallMs: 5_000 };
  const lookup = ({ path }: { path: string }) => (path === 'a' ? ({ kind: 'file', sequence: 0, ...row } as CatalogRow) : null);
  const pace = new RepeatPace({
    catalog: { lookup },
    inFlight: { applied: 10 },
    nowMs: () => time.nowMs,
    wallMs: () => time.wallMs,
  });
  const pass = (ms: number) => {
    time.nowMs += ms;
    time.wallMs += ms;
  };
  return { pace, pass, time };
}

const change = (path = 'a', how: { isSettled?: boolean; noticedAtMs?: number } = {}): QueueItem => ({
  kind: 'examine', place: { root: 0, path }, content: true, deep: false, isSettled: false, noticedAtMs: 5_000, bytes: 0, ...how,
}); // prettier-ignore

test('a file whose last version is not applied waits, at most a second from when its change was noticed', () => {
  const { pace, pass } = openPace({ sequence: 11 });
  expect(pace.waitMs(change())).toBe(1_000);
  pass(400);
  expect(pace.waitMs(change())).toBe(600);
  pass(600);
  pace.rested();
  expect(pace.waitMs(change())).toBeNull();
});

test('it waits no longer than that when the clock is set back meanwhile', () => {
  const { pace, pass, time } = openPace({ sequence: 11 });
  const item = change();
  pass(300);
  pace.rested();
  expect(pace.waitMs(item)).toBe(700);
  time.wallMs -= 3_600_000;
  expect(pace.waitMs(item)).toBe(1_000);
  pass(600);
  pace.rested();
  expect(pace.waitMs(item)).toBe(400);
  pass(400);
  expect(pace.waitMs(item)).toBeNull();
});

test('where some change always waits, they all go for a part of each second, until there was a moment without', () => {
  const { pace, pass } = openPace({ sequence: 11 });
  const waits = () => pace.waitMs(change('a', { noticedAtMs: Infinity })) !== null;
  const seen: boolean[] = [];
  for (let i = 0; i < 8; i++) {
    seen.push(waits());
    pass(250);
  }
  expect(seen).toEqual([true, true, true, false, true, true, true, false]);
  pass(750);
  expect(waits()).toBe(false);
  pace.rested();
  expect(waits()).toBe(true);
});

test.each([
  ['its last version is applied', { sequence: 10 }, change()],
  ['it is new', { sequence: 11 }, change('b')],
  ['it is a folder, whose changes are of another kind each', { sequence: 11, kind: 'folder' as const }, change()],
  ['it is looked at for another reason than a change', { sequence: 11 }, change('a', { isSettled: true })],
  [
    'it is removed',
    { sequence: 11 },
    { kind: 'gone', place: { root: 0, path: 'a' }, isFolder: false, noticedAtMs: 5_000, bytes: 0 } as const,
  ],
])('it does not wait when %s', (_why, row, item) => {
  expect(openPace(row).pace.waitMs(item)).toBeNull();
});
