import { expect, test } from 'vitest';
import type { ApplicationHooks, ReplicaSnapshot } from '../../../src-main/api/index.ts';
import { showClones, showHooks, showStanding } from '../../../src-main/dtcl/show-cut.ts';

const at = '2026-11-22T11:00:00.000Z';
const standing = (facts: Pick<ReplicaSnapshot, 'cut' | 'consistency' | 'hold'>) => showStanding(facts as ReplicaSnapshot);

test('a replica tells what it holds, its last cut and its hold', () => {
  expect(standing({ cut: null, consistency: 'file-level', hold: null })).toBe('file-level; no cut yet');
  const cut = { sequence: 41, at, label: 'point-in-time' } as const;
  const hold = { owner: 'eva', reason: 'backup', since: at, isEffective: true };
  expect(standing({ cut, consistency: 'point-in-time', hold })).toBe(
    `point-in-time; last cut at operation 41, ${at}, point-in-time; held for eva since ${at}: backup`,
  );
  expect(standing({ cut, consistency: 'file-level', hold: { ...hold, isEffective: false } })).toContain(
    'to be held at the end of the group for eva',
  );
});

test('programs that freeze and thaw tell where they stand and how the last time went', () => {
  const run = { startedAt: at, tookMs: 12, outcome: 'ok', text: '' } as const;
  const hooks: ApplicationHooks = {
    state: 'ready',
    since: at,
    last: { for: 'pause', freeze: run, thaw: { ...run, outcome: 'failed', text: 'it broke.' }, frozenMs: 30, cut: null },
  };
  expect(showHooks(hooks)).toBe(
    `ready; last for a pause, freeze ok at ${at} (12 ms), thaw failed at ${at}: it broke., at rest for 30 ms`,
  );
  expect(showHooks({ ...hooks, state: 'thaw-failed' })).toContain('MAY STAND STILL');
  expect(showHooks({ state: 'off', since: at, last: null })).toBe('not frozen for cuts; no program is set');
});

test('copies at one instant tell whether they can be made, why not, and what came of them', () => {
  expect(showClones(undefined)).toBe('not known yet');
  expect(showClones({ state: 'works', why: '', made: 12, cuts: 5 })).toBe('work; 12 clones made, 5 cuts from copies');
  expect(showClones({ state: 'impossible', why: 'ext4 cannot clone files', made: 0, cuts: 0 })).toBe(
    'none: ext4 cannot clone files',
  );
});
