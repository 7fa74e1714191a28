import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { programPages, programPagesDropper } from '../../../../src-main/engine/fs/program-pages.ts';

const stretch = (range: string, rights: string, path: string, own = 0, swapped = 0) =>
  `${range} ${rights} 00000000 fe:00 5349390 ${path}\nRss:  3352 kB\nPrivate_Dirty:  ${own} kB\nAnonymous:  ${own} kB\nSwap:  ${swapped} kB`;

test('of the program it takes what lies before its writable part, and knows what was changed there', () => {
  const smaps = [
    stretch('00010000-00020000', 'rw-p', ''),
    stretch('00400000-00746000', 'r--p', '/opt/a program/node'),
    stretch('0074a000-03044000', 'r-xp', '/opt/a program/node'),
    stretch('06b52000-06b56000', 'r--p', '/opt/a program/node', 8),
    stretch('06b56000-06b57000', 'r--p', '/opt/a program/node', 0, 4),
    stretch('06b57000-06b7d000', 'rw-p', '/opt/a program/node', 140),
    stretch('7f7d10000000-7f7d10100000', 'r-xp', '/usr/lib/libc.so.6'),
    stretch('7f7d12580000-7f7d12785000', 'r-xp', '/opt/a program/node'),
  ].join('\n');
  expect(programPages(smaps, '/opt/a program/node')).toEqual([
    { start: 0x400000n, bytes: 0x346000n, isChanged: false },
    { start: 0x74a000n, bytes: 0x28fa000n, isChanged: false },
    { start: 0x6b52000n, bytes: 0x4000n, isChanged: true },
    { start: 0x6b56000n, bytes: 0x1000n, isChanged: true },
  ]);
});

test('of a program whose writable part is not to be seen it takes nothing', () => {
  expect(programPages(stretch('00400000-00746000', 'r--p', '/opt/node'), '/opt/node')).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('pages of the program are let go, and it runs on', () => {
  const drop = programPagesDropper();
  const before = fileBytes();
  drop();
  expect(fileBytes()).toBeLessThan(before - 5_000_000);
  expect(JSON.parse(JSON.stringify({ all: [1, 'two'] }))).toEqual({ all: [1, 'two'] });
});

/** Resident pages of files in this process. */
function fileBytes(): number {
  return Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) * 1024;
}
