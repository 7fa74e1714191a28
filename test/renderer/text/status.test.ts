import { describe, expect, test } from 'vitest';
import type { ConnectionSnapshot } from '../../../src-main/api/index.ts';
import { lagWord, statisticsGroups } from '../../../src-renderer/text/connection.ts';
import { mirrorWord, serverWord, targetDataWord, transmissionWord } from '../../../src-renderer/text/status.ts';
import { server, snapshot } from '../fake-link.ts';

const since = '2026-01-02T03:04:05.000Z';
const halt = { code: 'x', path: null, cause: 'Gone.', since, effect: '', nextStep: '', answers: [] };
const down = { kind: 'down', since, cause: 'Refused.', retryInMs: 2000 } as const;
const mirroring = {
  options: { kind: 'all' },
  startedAt: since,
  calculatedBytes: 100,
  calculatedFiles: 1,
  sentBytes: 50,
  skippedBytes: 0,
  remainingBytes: 50,
  sentFiles: 0,
  skippedFiles: 0,
  percent: 50,
  bytesPerSec: 1,
  timeLeftMs: 5000,
} as const;

const cut = { sequence: 7, at: since, label: 'point-in-time' } as const;
const parked = { kind: 'parked', owner: 'eva', reason: 'tape', since, cut, isComplete: true } as const;

describe('a connection in one word', () => {
  test.each<[string, string, Partial<ConnectionSnapshot>]>([
    ['Active', 'good', {}],
    ['Starting', 'busy', { replication: 'starting' }],
    ['Connecting', 'busy', { link: { kind: 'connecting', since } }],
    ['Link down', 'bad', { link: down }],
    [
      'Paused',
      'paused',
      {
        link: down,
        transmission: {
          kind: 'paused',
          since,
          owner: 'eva',
          reason: '',
          cut: { sequence: 7, at: since, label: 'point-in-time' },
        },
      },
    ],
    ['Pausing', 'paused', { transmission: { kind: 'pausing', since, owner: 'eva', reason: '' } }],
    ['Stopped', 'off', { link: { kind: 'stopped', since }, transmission: { kind: 'stopped', since, owner: 'eva', reason: '' } }],
    ['Parking', 'busy', { park: { kind: 'leaving', owner: 'eva', reason: 'tape', since } }],
    ['Parked', 'off', { park: parked, replication: 'parked', link: { kind: 'stopped', since } }],
    ['Halted', 'bad', { halt, replication: 'halted', link: down }],
  ])('%s', (word, tone, change) => expect(transmissionWord(snapshot('1', change))).toMatchObject({ word, tone }));

  test('a parked replica is worth what it was at its cut', () => {
    const word = (park: ConnectionSnapshot['park']) =>
      targetDataWord(snapshot('1', { park, targetData: 'mirror-required' })).word;
    expect([word(parked), word({ ...parked, isComplete: false }), word(null)]).toEqual([
      'At rest',
      'Incomplete',
      'Mirror required',
    ]);
  });

  test('the mirror shows a number only when there is one', () => {
    expect(mirrorWord(snapshot('1')).word).toBe('Idle');
    expect(mirrorWord(snapshot('1', { mirror: { kind: 'idle', lastCompletedAt: null } })).word).toBe('Never run');
    expect(mirrorWord(snapshot('1', { mirror: { kind: 'calculating', ...mirroring, percent: null } })).word).toBe('Calculating');
    expect(mirrorWord(snapshot('1', { mirror: { kind: 'mirroring', ...mirroring } })).word).toBe('50 %');
    expect(mirrorWord(snapshot('1', { mirror: { kind: 'mirroring', ...mirroring, percent: null } })).word).toBe('Mirroring');
    expect(mirrorWord(snapshot('1', { mirror: { kind: 'paused', ...mirroring } })).word).toBe('Paused 50 %');
  });

  test('the lag counts what waits on either side and between', () => {
    const { statistics } = snapshot('1');
    expect(lagWord(snapshot('1'))).toBe('none');
    expect(lagWord(snapshot('1', { statistics: { ...statistics, queuedOps: 1000, inFlightOps: 200, targetQueueOps: 34 } }))).toBe(
      '1,234 ops',
    );
  });

  test('a running mirror adds up in its statistics', () => {
    const group = statisticsGroups(snapshot('1', { mirror: { kind: 'mirroring', ...mirroring } })).find(
      ({ title }) => title === 'Mirror',
    );
    expect(group?.facts.map(({ label, value }) => `${label}: ${value}`)).toContain('Left: 50 B');
  });
});

test('every state of a server has its word', () => {
  const problem = { code: 'unreachable', path: null, cause: 'Refused.', since, effect: '', nextStep: '' };
  const words = [
    server('a'),
    server('a', { state: { kind: 'connecting', since } }),
    server('a', { state: { kind: 'login-required', since, problem: null } }),
    server('a', { state: { kind: 'unreachable', since, problem } }),
  ].map((one) => serverWord(one).word);
  expect(words).toEqual(['Online', 'Connecting', 'Login required', 'Unreachable']);
});
