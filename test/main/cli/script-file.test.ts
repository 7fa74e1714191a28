import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeScript, readScriptFile } from '../../../src-main/cli/script-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const text = 'write "é";\n';

test.each([
  ['UTF-8', Buffer.from(text), false],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), false],
  ['UTF-16, little end first', Buffer.from(`\ufeff${text}`, 'utf16le'), false],
  ['UTF-16, big end first', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), false],
  ['Windows-1252', Buffer.from(text, 'latin1'), true],
])('a script in %s is read', (_encoding, bytes, isGuessed) => {
  expect(decodeScript(bytes)).toEqual({ text, isGuessed });
});

test('a file that cannot be read has a reason in words', () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'file'), text);
  expect(readScriptFile(join(folder, 'file'))).toMatchObject({ bytes: Buffer.from(text) });
  expect(readScriptFile(join(folder, 'none'))).toEqual({ reason: 'there is no such file' });
  expect(readScriptFile(join(folder, 'sub'))).toEqual({ reason: 'it is a folder' });
  expect(readScriptFile(join(folder, 'file', 'x'))).toEqual({ reason: 'a part of its path is no folder' });
});
