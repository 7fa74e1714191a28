import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../../src-main/service/create-log.ts';
import { RotatingFile } from '../../../src-main/service/log-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test.runIf(existsSync('/dev/full'))('what a full disk does not take goes to stderr, and nobody fails because of it', () => {
  const folder = tempFolder();
  symlinkSync('/dev/full', `${folder}/service.log`);
  const written: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  onTestFinished(() => stderr.mockRestore());
  const log = createLog(folder, { isVerbose: false });
  log.warn('something happened', { path: '/a' });
  log.close();
  expect(written.join('')).toContain('"path":"/a","msg":"something happened"');
});

test('a log that cannot start anew stays the file that it was', () => {
  const folder = tempFolder();
  const file = new RotatingFile(folder, { mostBytes: 10 });
  file.write('before\n');
  mkdirSync(`${folder}/service.new.log`);
  expect(() => file.write('too much\n')).toThrow('EISDIR');
  expect(() => file.write('and again\n')).toThrow('EISDIR');
  file.close();
  expect(readFileSync(`${folder}/service.log`, 'utf8')).toBe('before\n');
});
