import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scanner, type Mode } from '../../../src-main/dtcl/scanner.ts';

function scan(text: string, mode: Mode = 'argument', lineEndsTerminate = false): string[] {
  const scanner = new Scanner(text, lineEndsTerminate);
  const shown: string[] = [];
  for (;;) {
    const token = scanner.next(mode);
    if (token.kind === 'end') return shown;
    if (token.kind === 'word' || token.kind === 'operator') shown.push(token.text);
    else if (token.kind === 'text') shown.push(`"${token.text}"`);
    else if (token.kind === 'variable') shown.push(`$${token.name}`);
    else if (token.kind === 'integer') shown.push(`${token.value}i`);
    else if (token.kind === 'bad') shown.push('bad');
    else shown.push(token.kind === 'comma' ? ',' : ';');
  }
}

describe('comments', () => {
  test.each([
    ['# a comment # write "still a comment";\nwrite', ['write']],
    ['#\nwrite 1;\n#\nwrite 2;', ['write', '1', ';', 'write', '2', ';']],
    ['write 1;# after a semicolon', ['write', '1', ';']],
    ['different,# after a comma\nchecksum', ['different', ',', 'checksum']],
    ['#####\n#    #\nexit', ['exit']],
    ['a # to the end\r\nb', ['a', 'b']],
    ['a # to the end\rb', ['a', 'b']],
  ])('%j is read to the end of its line', (text, tokens) => {
    expect(scan(text)).toEqual(tokens);
  });

  test('a hash inside a word or inside quotes begins no comment', () => {
    expect(scan('c:\\a#b "c # d"')).toEqual(['c:\\a#b', '"c # d"']);
    expect(scan('c:\\a#b', 'expression')).toEqual(['c:\\a#b']);
    expect(scan('7#x', 'expression')).toEqual(['7#x']);
  });
});

describe('words', () => {
  test.each([
    ['c:\\noon_mirror, nomirror;', ['c:\\noon_mirror', ',', 'nomirror', ';']],
    ['c:\\noon_mirror nomirror', ['c:\\noon_mirror', 'nomirror']],
    ['/srv/a-b_c.d:e', ['/srv/a-b_c.d:e']],
    ['10.0.0.7', ['10.0.0.7']],
    ['\\\\server\\c$', ['\\\\server\\c$']],
    ['a=b(c)', ['a=b(c)']],
    ['äöü\u00a0b', ['äöü', 'b']],
  ])('%j ends at a blank, a comma or a semicolon', (text, tokens) => {
    expect(scan(text)).toEqual(tokens);
  });

  test.each(["'alpha'", 'ab"c"', '$', '$1', '$id#x', '$base\\x', '"abc"def', '"open', '“open', 'a\u0000b'])(
    '%j is refused',
    (text) => {
      expect(scan(text)).toEqual(['bad']);
    },
  );
});

describe('quoted text', () => {
  test('a backslash is a backslash, and a doubled quote is a quote', () => {
    expect(scan('"c:\\program files\\" "a ""b"" c" ""')).toEqual(['"c:\\program files\\"', '"a "b" c"', '""']);
  });

  test('typographic quotes are taken as quotes, with a warning', () => {
    const token = new Scanner('“c:\\my data”').next('argument');
    expect(token).toMatchObject({ kind: 'text', text: 'c:\\my data', warning: expect.any(String) as string });
    expect(scan('„a b“ "c d”')).toEqual(['"a b"', '"c d"']);
  });

  test('typographic quotes inside plain ones are text', () => {
    const token = new Scanner('"the “best” of"').next('argument');
    expect(token).toMatchObject({ kind: 'text', text: 'the “best” of', warning: null });
  });
});

test('an expression takes numbers, operators and words apart where arguments do not', () => {
  expect(scan('5+3', 'argument')).toEqual(['5+3']);
  expect(scan('5+3', 'expression')).toEqual(['5i', '+', '3i']);
  expect(scan('$x<=$y', 'expression')).toEqual(['$x', '<=', '$y']);
  expect(scan('($x-1)<>-2', 'expression')).toEqual(['(', '$x', '-', '1i', ')', '<>', '-', '2i']);
  expect(scan('12:30 2026-11-22 10.0.0.7 alpha-1', 'expression')).toEqual(['12:30', '2026-11-22', '10.0.0.7', 'alpha-1']);
  expect(scan('c:\\a+b', 'expression')).toEqual(['bad']);
  expect(scan('99999999999999999999', 'expression')).toEqual(['bad']);
});

test('a line end is white space in a script and ends a statement at the prompt', () => {
  expect(scan('a\nb')).toEqual(['a', 'b']);
  expect(scan('a\r\nb\n', 'argument', true)).toEqual(['a', ';', 'b', ';']);
});

test('a token knows its line and column', () => {
  const scanner = new Scanner('a\r\n  b\rc');
  const places = [1, 2, 3].map(() => scanner.next('argument')).map(({ at, startsLine }) => [at.line, at.column, startsLine]);
  expect(places).toEqual([
    [1, 1, true],
    [2, 3, true],
    [3, 1, true],
  ]);
});

test('whatever the bytes and the modes, the scanner goes forward and never throws', () => {
  const modes = fc.array(fc.constantFrom<Mode>('argument', 'expression'), { minLength: 1, maxLength: 5 });
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc
      .array(fc.constantFrom('"', '“', '$x', '#', ';', ',', '\n', ' ', 'c:\\a', '(', '==', '-', '7', "'"), { maxLength: 40 })
      .map((a) => a.join('')),
  );
  fc.assert(
    fc.property(text, modes, fc.boolean(), (source, order, lineEnds) => {
      const scanner = new Scanner(source, lineEnds);
      let last = -1;
      for (let i = 0; ; i++) {
        const token = scanner.next(order[i % order.length] ?? 'argument');
        if (token.kind === 'end') return;
        expect(token.end).toBeGreaterThan(last);
        last = token.end;
      }
    }),
    { numRuns: 1000 },
  );
});
