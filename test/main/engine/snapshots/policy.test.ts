import { expect, test } from 'vitest';
import { expiredSnapshots } from '../../../../src-main/engine/snapshots/index.ts';

const now = Date.UTC(2026, 10, 30);

/** Taken so many days ago. `s`: by the schedule, `h`: by hand, `b`: not of a good state, by the schedule. */
function taken(...list: readonly `${'s' | 'h' | 'b'}${number}`[]) {
  return list.map((id) => ({
    id,
    takenAt: new Date(now - Number(id.slice(1)) * 86_400_000).toISOString(),
    isScheduled: !id.startsWith('h'),
    isGood: !id.startsWith('b'),
  }));
}

test.each([
  ['more than are kept: the oldest', taken('s1', 's2', 's3'), 2, null, ['s3']],
  ['in whatever order they come', taken('s3', 's1', 's2'), 1, null, ['s2', 's3']],
  ['as many as are kept: none', taken('s1', 's2'), 2, null, []],
  ['what was taken by hand neither goes nor counts', taken('h1', 's2', 'h3', 's4', 's5'), 2, null, ['s5']],
  ['what is too old, although there is room', taken('s1', 's8', 's9'), 7, 7, ['s8', 's9']],
  ['the newest good one stays, however old it is', taken('s30'), 7, 7, []],
  ['and however many newer ones are worth nothing', taken('b1', 'b2', 's30', 's31'), 1, 7, ['b2', 's31']],
  ['a good one by hand is one', taken('h1', 's30'), 7, 7, ['s30']],
  ['none: none', [], 1, 1, []],
] as const)('%s', (_what, snapshots, keep, maxAgeDays, expired) => {
  expect(expiredSnapshots(snapshots, { keep, maxAgeDays }, now).map(({ id }) => id)).toEqual(expired);
});
