import { expect, test } from 'vitest';
import { newCutOf, toldOf } from '../../../../src-main/service/pauses/kept-cut.ts';

const since = new Date(0).toISOString();
const hold = { kind: 'pause', owner: 'nightly', reason: 'tape', since } as const;
const at = (sequence: number) => ({ sequence, at: since, label: 'point-in-time' }) as const;
const paused = (sequence: number) => ({ kind: 'paused', owner: 'nightly', reason: 'tape', since, cut: at(sequence) }) as const;

test('where a pause stands is kept once it stands, and anew when it stands elsewhere', () => {
  expect(newCutOf({ ...hold, cut: null }, { kind: 'pausing', owner: 'nightly', reason: 'tape', since })).toBeNull();
  expect(newCutOf({ ...hold, cut: null }, paused(7))).toEqual(at(7));
  expect(newCutOf({ ...hold, cut: at(7) }, paused(7))).toBeNull();
  // The replica was set back.
  expect(newCutOf({ ...hold, cut: at(7) }, paused(9))).toEqual(at(9));
  expect(newCutOf(null, paused(9))).toBeNull();
});

test('a pause is told to stand when its cut is kept, not before', () => {
  expect(toldOf({ ...hold, cut: null }, paused(7))).toEqual({ kind: 'pausing', owner: 'nightly', reason: 'tape', since });
  expect(toldOf({ ...hold, cut: at(7) }, paused(9)).kind).toBe('pausing');
  expect(toldOf({ ...hold, cut: at(7) }, paused(7))).toEqual(paused(7));
  // A pause by something else than a person is not kept.
  expect(toldOf(null, paused(7))).toEqual(paused(7));
  expect(toldOf({ ...hold, cut: null }, { kind: 'active', since })).toEqual({ kind: 'active', since });
});
