import { expect, test } from 'vitest';
import { pauseAdvice } from '../../../../src-renderer/features/connections/pause-advice.ts';
import { snapshot } from '../../fake-link.ts';

const one = snapshot('1');
const other = snapshot('2', { targetName: 'gamma', targetFingerprint: 'FF' });

test('a set with one replica needs no advice, whatever other sets do', () => {
  expect(pauseAdvice(one, [one, snapshot('3', { setName: 'Mail' })])).toBe('');
});

test('a second replica that is live stays so, on another target or in another folder', () => {
  expect(pauseAdvice(one, [one, other])).toContain('Documents also goes to gamma, which stays live');
  const beside = snapshot('4', { roots: [{ from: '/srv/data', to: '/second' }] });
  expect(pauseAdvice(one, [one, beside])).toContain('also goes to /second, which stays live');
});

test('a second replica that does not follow the source now is to go on first', () => {
  expect(pauseAdvice(one, [one, { ...other, replication: 'parked' }])).toContain('let it go on first');
  const live = { ...other, id: '5', targetName: 'delta' };
  expect(pauseAdvice(one, [one, { ...other, replication: 'parked' }, live])).toContain('delta, which stays live');
});
