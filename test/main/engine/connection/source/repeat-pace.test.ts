import { expect, test } from 'vitest';
import { RepeatPace } from '../../../../../src-main/engine/connection/source/repeat-pace.ts';
import type { CatalogRow } from '../../../../../src-main/engine/catalog/index.ts';
import type { QueueItem } from '../../../../../src-main/engine/queue/index.ts';

/** A catalog in which `row` is what lies at `a`, at a moment, and a target that has applied everything up to op 10. */
function paceAt(nowMs: number, row: Partial<CatalogRow>): RepeatPace {
  const lookup = ({ path }: { path: string }) => (path === 'a' ? ({ kind: 'file', sequence: 0, ...row } as CatalogRow) : null);
  return new RepeatPace({ catalog: { lookup }, inFlight: { applied: 10 }, nowMs: () => nowMs });
}

const change = (path = 'a', how: { isSettled?: boolean; noticedAtMs?: number } = {}): QueueItem => ({
  kind: 'examine', place: { root: 0, path }, content: true, deep: false, isSettled: false, noticedAtMs: 5_000, bytes: 0, ...how,
}); // prettier-ignore

test('a file whose last version is not applied waits, at most a second from when its change was noticed', () => {
  expect(paceAt(5_000, { sequence: 11 }).waitMs(change())).toBe(1_000);
  expect(paceAt(5_400, { sequence: 11 }).waitMs(change())).toBe(600);
  expect(paceAt(6_000, { sequence: 11 }).waitMs(change())).toBeNull();
});

test('it waits no longer than that when the clock was set back', () => {
  expect(paceAt(1_000, { sequence: 11 }).waitMs(change())).toBe(1_000);
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
  expect(paceAt(5_000, row).waitMs(item)).toBeNull();
});
