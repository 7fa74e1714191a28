import { describe, expect, test } from 'vitest';
import type { SetRule } from '../../../../src-main/api/index.ts';
import { compileRules, STAGE_FOLDER } from '../../../../src-main/engine/model/index.ts';

const volumes = [{ name: 'C', folder: '/srv/c' }];

/** `+ /a`, `- /a/b`; `+1` and `-1` are not recursive. */
function rules(...lines: string[]): SetRule[] {
  return lines.map((line) => {
    const [sign = '', ...rest] = line.split(' ');
    return { path: rest.join(' '), verdict: sign.startsWith('+') ? 'include' : 'exclude', recursive: !sign.endsWith('1') };
  });
}

/** `/a/b` is a file, `/a/b/` a folder. */
function selected(set: readonly SetRule[], ...paths: string[]): string[] {
  const compiled = compileRules(set, volumes);
  return paths.filter((path) => compiled.selects(path.replace(/(?<=.)\/$/, ''), path.endsWith('/')));
}

const table: readonly { name: string; set: SetRule[]; yes: string[]; no: string[] }[] = [
  {
    name: 'a recursive include takes the folder and all below it',
    set: rules('+ /data'),
    yes: ['/data/', '/data/x', '/data/a/', '/data/a/b/c'],
    no: ['/', '/dat', '/data2', '/database/', '/other/x'],
  },
  {
    name: 'an include that is not recursive takes the folder and the files directly in it',
    set: rules('+1 /data'),
    yes: ['/data/', '/data/x'],
    no: ['/data/a/', '/data/a/x'],
  },
  {
    name: 'an include of a file takes that file only',
    set: rules('+ /data/x.txt'),
    yes: ['/data/x.txt'],
    no: ['/data/', '/data/y'],
  },
  {
    name: 'an exclude removes a subtree, and a deeper include brings a part back with the folders that lead to it',
    set: rules('+ /data', '- /data/tmp', '+ /data/tmp/keep'),
    yes: ['/data/x', '/data/tmp/', '/data/tmp/keep/', '/data/tmp/keep/x'],
    no: ['/data/tmp/x', '/data/tmp/other/', '/data/tmp/other/x'],
  },
  {
    name: 'an exclude that is not recursive removes the folder’s own files and leaves its sub-folders',
    set: rules('+ /data', '-1 /data/logs'),
    yes: ['/data/logs/old/', '/data/logs/old/x', '/data/x'],
    no: ['/data/logs/x'],
  },
  {
    name: 'exclude beats include on the same path',
    set: rules('+ /data', '+ /data/a', '- /data/a'),
    yes: ['/data/x'],
    no: ['/data/a/', '/data/a/x'],
  },
  {
    name: 'a wildcard exclude applies in all sub-folders',
    set: rules('+ /data', '- /data/*.tmp'),
    yes: ['/data/x', '/data/a/x', '/data/tmp', '/data/x.tmp2'],
    no: ['/data/x.tmp', '/data/a/b/x.tmp', '/data/dir.tmp/', '/data/dir.tmp/x'],
  },
  {
    name: 'a wildcard exclude that is not recursive applies in its own folder only',
    set: rules('+ /data', '-1 /data/*.tmp'),
    yes: ['/data/a/x.tmp', '/data/x'],
    no: ['/data/x.tmp'],
  },
  {
    name: 'a literal rule beats a wildcard with as many names',
    set: rules('+ /data', '- /data/*.tmp', '+ /data/keep.tmp'),
    yes: ['/data/keep.tmp'],
    no: ['/data/x.tmp', '/data/a/keep.tmp'],
  },
  {
    name: 'a wildcard include takes matching files at any depth and the folders that lead to them',
    set: rules('+ /data/*.txt'),
    yes: ['/data/', '/data/x.txt', '/data/a/', '/data/a/x.txt'],
    no: ['/data/x', '/data/a/x.bin', '/other/x.txt'],
  },
  {
    name: 'a deeper exclude cuts a wildcard include',
    set: rules('+ /data/*.txt', '- /data/cache/old'),
    yes: ['/data/cache/', '/data/cache/x.txt'],
    no: ['/data/cache/old/', '/data/cache/old/x.txt'],
  },
  {
    name: 'a wildcard in the middle matches exactly one name',
    set: rules('+ /home', '- /home/*/cache'),
    yes: ['/home/ann/', '/home/ann/x', '/home/cache/', '/home/ann/work/cache/x'],
    no: ['/home/ann/cache/', '/home/ann/cache/x'],
  },
  {
    name: 'an include with a wildcard in the middle leads through matching folders only',
    set: rules('+ /home/*/mail'),
    yes: ['/home/', '/home/ann/', '/home/ann/mail/', '/home/ann/mail/a/x'],
    no: ['/home/x', '/home/ann/x', '/home/ann/work/', '/home/ann/work/mail/x'],
  },
  {
    name: 'a question mark stands for one character, whole even beyond ASCII',
    set: rules('+ /data/?.txt'),
    yes: ['/data/a.txt', '/data/\xc3\xb6.txt', '/data/\xff.txt'],
    no: ['/data/ab.txt', '/data/.txt', '/data/\xc3\xb6\xc3\xb6.txt'],
  },
  {
    name: 'the whole disk can be included with exceptions',
    set: rules('+ /', '- /proc', '- /sys'),
    yes: ['/', '/etc/', '/etc/x', '/file'],
    no: ['/proc/', '/proc/1/', '/sys/x'],
  },
  {
    name: 'drive letters are volumes',
    set: rules('+ c:\\data', '- C:/data/*.tmp'),
    yes: ['/srv/c/data/x'],
    no: ['/srv/c/data/a/x.tmp', '/data/x'],
  },
  {
    name: 'our own work folder is never selected',
    set: rules('+ /data'),
    yes: [],
    no: [`/data/${STAGE_FOLDER}/`, `/data/a/${STAGE_FOLDER}/`, `/data/${STAGE_FOLDER}/x`, `/data/${STAGE_FOLDER}/a/b`],
  },
  {
    name: 'names with odd bytes are just names',
    set: rules('+ /data/a\nb', '- /data/a\nb/#;'),
    yes: ['/data/a\nb/', '/data/a\nb/\xff\xfe'],
    no: ['/data/a\nb/#;'],
  },
];

describe('rules', () => {
  test.each(table)('$name', ({ set, yes, no }) => {
    expect(selected(set, ...yes, ...no)).toEqual(yes);
    expect(selected(set.toReversed(), ...yes, ...no)).toEqual(yes);
  });

  test.each([
    ['nested includes merge into the outermost', ['+ /data', '+ /data/a', '+ /etc/hosts'], ['/data', '/etc/hosts']],
    ['siblings with a common beginning stay apart', ['+ /data', '+ /data2', '+ /data/b'], ['/data', '/data2']],
    ['a wildcard’s root is the folder before it', ['+ c:\\data\\*.txt', '+ c:\\logs\\x'], ['c:\\data', 'c:\\logs\\x']],
    ['what is excluded by name is no root', ['+ /data', '- /data', '+ /etc'], ['/etc']],
    ['a volume itself', ['+ c:\\'], ['c:\\']],
    ['everything', ['+ /', '+ /data'], ['/']],
  ])('roots: %s', (_name, lines, expected) => {
    expect(compileRules(rules(...lines), volumes).roots.map(({ typed }) => typed)).toEqual(expected);
  });

  test.each([
    ['+ /data', '/data/a', true],
    ['+1 /data', '/data', true],
    ['+1 /data', '/data/a', false],
    ['+ /data/a/b', '/data', true],
    ['+ /data/a/b', '/data/c', false],
    ['+ /data/*.txt', '/data/any/where', true],
    ['+1 /data/*.txt', '/data/a', false],
    ['+ /home/*/mail', '/home/ann', true],
    ['+ /home/*/mail', '/home/ann/work', false],
  ])('%s: going down into %s is worth it: %s', (line, folder, expected) => {
    expect(compileRules(rules(line), volumes).descends(folder)).toBe(expected);
  });

  test('an excluded subtree without exceptions is not walked', () => {
    const compiled = compileRules(rules('+ /data', '- /data/tmp', '- /data/a/*.d'), volumes);
    expect(compiled.descends('/data/tmp')).toBe(false);
    expect(compiled.descends('/data/a/b/conf.d')).toBe(false);
    expect(compiled.descends('/data/a/b')).toBe(true);
  });

  test.each([[[]], [['- /data']], [['+ /data', '- /data']]])('%j includes nothing', (lines) => {
    expect(() => compileRules(rules(...lines), volumes)).toThrow(expect.objectContaining({ code: 'set-empty' }) as Error);
  });

  test('explain names the rule that decides', () => {
    const set = rules('+ /data', '- /data/*.tmp', '+ /data/keep.tmp');
    const compiled = compileRules(set, volumes);
    expect(compiled.explain('/data/a/x.tmp')).toBe(set[1]);
    expect(compiled.explain('/data/keep.tmp')).toBe(set[2]);
    expect(compiled.explain('/other')).toBeNull();
  });

  test('a hostile pattern takes linear time, and a million entries are decided quickly', () => {
    const compiled = compileRules(rules('+ /data', `- /data/${'*a'.repeat(20)}b`, '- /data/*.tmp'), volumes);
    const start = performance.now();
    compiled.selects(`/data/${'a'.repeat(200)}`, false);
    let count = 0;
    for (let i = 0; i < 1000; i++)
      for (let j = 0; j < 1000; j++) if (compiled.selects(`/data/sub/folder${i}/file${j}.txt`, false)) count++;
    expect(count).toBe(1_000_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
