import { expect, test } from 'vitest';
import {
  copyAge,
  copyWords,
  entryWords,
  missedWords,
  nextSwitchWords,
  rotationWord,
  slotWord,
} from '../../../src-renderer/text/rotations.ts';
import { rotation, slot } from '../fake-link.ts';

const two = [slot('A'), slot('B', { state: 'at-rest' })];
const entry = { slot: null, timeZone: null, time: { kind: 'cron', cron: '0 12 * * *' } } as const;

test('a rotation in a word: what a person must look at first', () => {
  const word = (change: object) => rotationWord(rotation('r', { slots: two, schedule: [entry], ...change })).word;
  const running = { from: 'A', to: 'B', order: 'safe', step: 'bringing', dueAt: null, begunAt: '', problem: '' };
  expect(word({})).toBe('Enabled');
  expect(word({ isEnabled: false })).toBe('Disabled');
  expect(word({ schedule: [] })).toBe('No times');
  expect(word({ slots: two.slice(1) })).toBe('Too few slots');
  expect(word({ running })).toBe('Switching to B');
  expect(word({ running: { ...running, problem: 'The disk is full.' } })).toBe('Held up');
  expect(word({ running, slots: [slot('A', { state: 'failed', why: 'It asks.' }), two[1]] })).toBe('A failed');
});

test('a slot tells what stands against it', () => {
  expect(slotWord(slot('A', { state: 'failed', why: 'It asks.' })).detail).toBe('It asks.');
  expect(slotWord(slot('A', { state: 'in-use' })).word).toBe('In use');
});

test('the age of a copy goes on while nothing new is heard', () => {
  const at = '2026-11-27T06:00:00.000Z';
  const cut = { sequence: 7, at, label: 'point-in-time' } as const;
  expect(copyAge({ at, ageMs: 0, label: 'point-in-time', cut }, Date.parse(at) + 7_200_000)).toBe('2 h 0 min old');
  const following = { at, ageMs: 0, label: 'file-level', cut: null } as const;
  expect([copyAge(following, 0), copyWords(following)]).toEqual(['current', 'follows the source, file level']);
});

test('times and policies in words', () => {
  const days = { kind: 'clock', at: '12:00', days: ['mon', 'fri'] } as const;
  expect(entryWords({ slot: 'noon', timeZone: 'Europe/Berlin', time: days })).toBe('Mon, Fri at 12:00 to noon (Europe/Berlin)');
  expect(entryWords(entry)).toBe('Cron 0 12 * * * to the next slot');
  expect(entryWords({ ...entry, time: { kind: 'date', at: '2026-12-24T18:00' } })).toBe(
    'Once, 2026-12-24 18:00 to the next slot',
  );
  expect(missedWords({ policy: 'run-late', withinMinutes: 720 })).toBe('run late, within 12 hours');
  expect(missedWords({ policy: 'run-late', withinMinutes: 90 })).toBe('run late, within 90 minutes');
  expect(missedWords({ policy: 'skip', withinMinutes: 1 })).toBe('left out');
});

test('what comes next, for a connection that is a slot', () => {
  const next = { at: '', local: '2026-11-28 12:00', to: 'B', from: 'A', action: 'switch', text: '' } as const;
  expect(nextSwitchWords(rotation('r', { next }))).toBe('Next switch 2026-11-28 12:00, to B');
  expect(nextSwitchWords(rotation('r', { next: { ...next, action: 'skip' } }))).toBe('Next switch 2026-11-28 12:00, left out');
  expect(nextSwitchWords(rotation('r', { isEnabled: false }))).toBe('No next switch: the rotation is disabled');
});
