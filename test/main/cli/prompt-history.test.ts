import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mayHoldSecret, PromptHistory } from '../../../src-main/cli/prompt-history.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test.each([
  'login alpha admin secret',
  'LOGON alpha admin "se cret"',
  'source alpha; login alpha admin secret',
  'login alpha admin',
  '$ThePass = "secret"',
  '$p = secret',
  '$p = 5 + "secret"',
  'if 1 = 1 then login alpha admin secret',
  'account create watcher monitor secret',
  'source alpha; ACCOUNT  Password watcher secret on beta',
])('%s is not written down', (line) => {
  expect(mayHoldSecret(line)).toBe(true);
});

test.each([
  'login alpha stored',
  'source alpha; status',
  '$id = conid accounts to beta',
  '$i = 5',
  'write "login"',
  'account list on beta',
  'account delete watcher',
  'connect a to b map exact',
])('%s is kept', (line) => {
  expect(mayHoldSecret(line)).toBe(false);
});

test('the next prompt finds the lines again, newest first, and only this user can read them', () => {
  const file = join(tempFolder(), 'history');
  const history = new PromptHistory(file);
  for (const line of ['status', 'login alpha admin secret', 'repset list', '', 'status']) history.add(line);
  expect(history.entries).toEqual(['status', 'repset list', 'login alpha admin secret']);
  expect(new PromptHistory(file).entries).toEqual(['status', 'repset list']);
  expect(readFileSync(file, 'utf8')).not.toContain('secret');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
