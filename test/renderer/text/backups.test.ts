import { expect, test } from 'vitest';
import { backupWord, leftWords, newestCopyWords } from '../../../src-renderer/text/backups.ts';
import { backupView, backupWindow } from '../backup-view.ts';

test.each([
  ['Ready', {}],
  ['Not yet', { verdict: { kind: 'wait', why: 'A mirror is running.', nextStep: 'Try again later.' } }],
  ['Not possible', { verdict: { kind: 'no', why: 'It is in use by eva.', nextStep: 'Wait.' } }],
  ['Being read', { window: backupWindow() }],
  ['Closing', { window: backupWindow({ state: 'closing', why: 'the link is down' }) }],
  ['Overdue', { window: backupWindow({ isOverdue: true }) }],
  // What was read is worth nothing: no alarm about its length is more important.
  ['Broken', { window: backupWindow({ isOverdue: true, state: 'broken', why: 'the connection was ended' }) }],
] as const)('a replica in a word: %s', (word, change) => {
  const status = backupWord(backupView('1', change));
  expect(status.word).toBe(word);
  expect(status.detail).not.toBe('');
});

test('how much of its time a window has left, and the copy that can be read', () => {
  const begun = Date.parse(backupWindow().begunAt);
  expect(leftWords(backupWindow(), begun + 30 * 60_000)).toBe('1 h 30 min left');
  expect(leftWords(backupWindow(), begun + 180 * 60_000)).toBe('1 h 0 min over its time');
  expect(newestCopyWords(backupView('1'))).toBe('none is complete');
});
