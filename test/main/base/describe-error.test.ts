import { describe, expect, test } from 'vitest';
import { describeError, errorCodes, type ErrorCode } from '../../../src-main/base/index.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

describe('describeError', () => {
  test.each(codes)('%s reads as whole sentences with and without details', (code) => {
    const full = {
      path: '/srv/a',
      server: 'alpha',
      user: 'eva',
      set: 'Docs',
      target: 'beta',
      host: 'beta.lan',
      port: 6320,
      text: 'why',
    };
    for (const details of [{}, full]) {
      const { cause, effect, nextStep } = describeError(code, details);
      for (const sentence of [cause, effect, nextStep]) {
        expect(sentence).toMatch(/^[A-Z“/a-z]/);
        expect(sentence).not.toMatch(/undefined|null|\[object|\.\.|\s\s| \.|[{}]/);
        expect(sentence.length).toBeGreaterThan(8);
      }
      expect(cause).toMatch(/\.$/);
    }
  });

  test('the facts of the failure are in the sentence', () => {
    expect(describeError('fingerprint-mismatch', { server: 'alpha', expected: 'AA:01', found: 'BB:02' }).cause).toBe(
      'alpha shows another certificate than the one confirmed for it: expected AA:01, got BB:02.',
    );
    expect(describeError('unknown-set', { set: 'Docs', server: 'alpha' }).cause).toBe(
      'There is no replication set named “Docs” on alpha.',
    );
    expect(describeError('unreachable', { host: 'beta.lan', port: 6320 }).cause).toBe('beta.lan:6320 does not answer.');
  });
});

test('a place that is refused for a new connection keeps nothing waiting; a file of a running one waits', () => {
  const refused = describeError('permission-denied', { path: '/srv', refused: true });
  expect(refused.effect).toBe('Nothing was changed.');
  expect(describeError('permission-denied', { path: '/srv/x' }).effect).toContain('waits');
  expect(describeError('read-only', { path: '/srv', refused: true }).nextStep).toContain('try again');
});

test('a reason that is a whole sentence ends with one full stop', () => {
  expect(describeError('halted', { text: 'The folder is gone.' }).cause).toBe(
    'The connection is halted and waits for an answer: The folder is gone.',
  );
});
