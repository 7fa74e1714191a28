import { describe, expect, test } from 'vitest';
import type { DrillResult, MirrorResult, RestoreResult, RestoreSnapshot } from '../../../src-main/api/index.ts';
import { cameWords, progressPercent, progressWords, restoreWord } from '../../../src-renderer/text/restores.ts';

function restore(change: Partial<RestoreSnapshot>): RestoreSnapshot {
  return { kind: 'restore', state: 'copying', waitsFor: '', progress: null, result: null, ...change } as RestoreSnapshot;
}

function ended(outcome: RestoreResult['outcome'], why = '', isPassed: boolean | null = null): Partial<RestoreSnapshot> {
  const drill = isPassed === null ? null : ({ isPassed } as DrillResult);
  const result = { outcome, why, drill } as RestoreResult; // the rest is not looked at
  return { state: 'done', result };
}

describe('a restore in one word', () => {
  test.each([
    [{ state: 'holding' }, 'busy', 'Coming to rest'],
    [{ state: 'planned', waitsFor: 'the order' }, 'paused', 'Planned'],
    [{ state: 'verifying' }, 'busy', 'Verifying'],
    [ended('restored'), 'good', 'Restored'],
    [ended('different', 'why'), 'warning', 'Not complete'],
    [ended('failed', 'why'), 'bad', 'Failed'],
    [ended('cancelled'), 'off', 'Cancelled'],
    [{ kind: 'drill', ...ended('restored', '', true) }, 'good', 'Passed'],
    [{ kind: 'drill', ...ended('restored', 'why', false) }, 'bad', 'Drill failed'],
    [{ kind: 'drill', ...ended('cancelled', '', false) }, 'off', 'Cancelled'],
  ] satisfies [Partial<RestoreSnapshot>, string, string][])('%j', (change, tone, word) => {
    expect(restoreWord(restore(change))).toMatchObject({ tone, word });
  });

  test('what it waits for, and why it ended so, is its detail', () => {
    expect(restoreWord(restore({ waitsFor: 'alpha does not answer' })).detail).toBe('alpha does not answer');
    expect(restoreWord(restore(ended('failed', 'The mirror was stopped.'))).detail).toBe('The mirror was stopped.');
  });
});

test('how far it is counts what is equal too, and is unknown before anything is', () => {
  const progress = { sentBytes: 1024, skippedBytes: 1024, remainingBytes: 2048 };
  expect(progressPercent(restore({ progress }))).toBe(50);
  expect(progressWords(restore({ progress }))).toBe('1.0 KiB sent, 1.0 KiB equal, 2.0 KiB left');
  expect(progressPercent(restore({ progress: { ...progress, remainingBytes: null } }))).toBeNull();
  expect(progressPercent(restore({ progress: { sentBytes: 0, skippedBytes: 0, remainingBytes: 0 } }))).toBeNull();
  expect(progressPercent(restore({ progress, state: 'verifying' }))).toBeNull();
});

test('what came is told, and what did not only where there is any', () => {
  const mirror = { sentFiles: 1, sentBytes: 2048, skippedFiles: 0, leftFiles: 0 } as MirrorResult;
  expect(cameWords(mirror)).toBe('1 file, 2.0 KiB, came.');
  expect(cameWords({ ...mirror, skippedFiles: 5 })).toBe('1 file, 2.0 KiB, came; 5 files did not, because they were equal.');
  expect(cameWords({ ...mirror, skippedFiles: 5, leftFiles: 2 })).toContain('of which 2 differ and were left');
});
