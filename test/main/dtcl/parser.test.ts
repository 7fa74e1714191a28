import { describe, expect, test } from 'vitest';
import { parse, printScript } from '../../../src-main/dtcl/index.ts';

/** The script in its one printed form, on one line. */
function normal(text: string, options?: { interactive: boolean }): string {
  const { script, problems } = parse(text, options);
  expect(problems).toEqual([]);
  return printScript(script).replace(/\s+/g, ' ').trim();
}

/** `line:column number text` of each problem. */
function problems(text: string, options?: { interactive: boolean }): string[] {
  return parse(text, options).problems.map(({ at, number, text: words }) => `${at.line}:${at.column} ${number} ${words}`);
}

describe('statements', () => {
  test('keywords and commands do not depend on case, and have one canonical name', () => {
    expect(normal('LOGON alpha stored; Status Con 1; QUIT')).toBe('login alpha stored; status connection 1; exit;');
  });

  test('commas between options are optional', () => {
    const forms = ['different, checksum', 'different checksum', 'different,checksum', ', different,, checksum,'];
    expect(new Set(forms.map((form) => normal(`mirror start $id ${form};`)))).toEqual(
      new Set(['mirror start $id different checksum;']),
    );
  });

  test('the last statement needs no semicolon, and empty ones are nothing', () => {
    expect(normal(';;write 1;;write 2')).toBe('write 1; write 2;');
  });

  test('a statement may go on over several lines', () => {
    expect(normal('connect accounts\n  to beta\n  map base c:\\noon_mirror,\n  mirror\n;')).toBe(
      'connect accounts to beta map base c:\\noon_mirror mirror;',
    );
  });

  test('at the prompt the end of a line ends a statement', () => {
    expect(normal('write 1\nwrite 2\n', { interactive: true })).toBe('write 1; write 2;');
  });
});

describe('assignments', () => {
  test.each([
    ['$x=5', '$x = 5;'],
    ['$x = -5 - -3;', '$x = -5 - -3;'],
    ['$x = 1 - (2 + 3);', '$x = 1 - (2 + 3);'],
    ['$x = "a" + $b;', '$x = "a" + $b;'],
    ['$x = alpha;', '$x = "alpha";'],
    ['$x = c:\\noon_mirror;', '$x = "c:\\noon_mirror";'],
    ['$x = "say ""no""";', '$x = "say ""no""";'],
    ['$x = date;', '$x = date;'],
    ['$x = time now;', '$x = time;'],
    ['$x = conid s to t;', '$x = conid s to t;'],
    ['$x = version;', '$x = version;'],
  ])('%s', (text, printed) => {
    expect(normal(text)).toBe(printed);
  });
});

describe('maps', () => {
  test.each([
    'map c:\\a to e:\\b, nomirror',
    'map c:\\a to e:\\b nomirror',
    'map c:\\a to e:\\b, c:\\c to e:\\d, nomirror',
    'map c:\\a to e:\\b c:\\c to e:\\d nomirror',
    'nomirror map base "c:\\my data"',
    'map exact mirror different',
  ])('connect s to t %s is understood', (map) => {
    expect(normal(`connect s to t ${map}`)).toBe(`connect s to t ${map.replaceAll(',', '')};`);
  });

  test('a quoted keyword is a name', () => {
    expect(normal('connect "to" to "map" map base "exact";')).toBe('connect "to" to "map" map base "exact";');
  });
});

describe('blocks', () => {
  test('if, while and for nest', () => {
    expect(
      normal(
        'if $a < 1 and not ($b >= 2 or $c != "x") then while $i < 3 do $i = $i + 1; end else for $j = 1 to $n do exit; end end',
      ),
    ).toBe(
      'if $a < 1 and (not ($b >= 2 or $c <> "x")) then while $i < 3 do $i = $i + 1; end; else for $j = 1 to $n do exit; end; end;',
    );
  });

  test('and binds closer than or', () => {
    expect(normal('if $a = 1 or $b = 2 and $c = 3 then end')).toBe('if $a = 1 or ($b = 2 and $c = 3) then end;');
  });

  test('at the prompt an open block asks for more, and a mistake does not', () => {
    expect(parse('if $x > 0 then\n', { interactive: true })).toMatchObject({ isUnfinished: true, problems: [{}] });
    expect(parse('write "a\n', { interactive: true })).toMatchObject({ isUnfinished: false, problems: [{}] });
  });
});

describe('syntax errors', () => {
  test('all are found in one go, each at its place', () => {
    const text = [
      'loggin alpha stored;',
      'write "open;',
      '$x 5;',
      'if $x then',
      '  mirror start $id diferent;',
      'end;',
      'write 1 end',
    ].join('\n');
    expect(problems(text).map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      '1:1 -102',
      '2:7 -102',
      '3:4 -102',
      '4:4 -102',
      '5:20 -121',
      '7:9 -102',
    ]);
  });

  test.each([
    ['loggin alpha stored', 'did you mean "login"?'],
    ['repset', '"repset" needs one more word: repset create'],
    ['mirror start $id diferent', 'did you mean "different"?'],
    ['connect s to t nomirror', 'connect must say where the data goes'],
    ['connect s t map exact', '"to" is missing here'],
    ['connect s to t map exact nomirror different', 'contradict each other'],
    ['connect s to t map exact map exact', '"map" is said twice'],
    ['mirror start 1 all checksum', 'every file whole'],
    ['mirror start', 'the connection is missing'],
    ['disconnect $a $b', 'one argument too many'],
    ['source alpha\ntarget beta;', '";" is missing before this "target"'],
    ['conid s to\ndisconnect 1;', '";" is missing before this "disconnect"'],
    ['login alpha u p\nsource alpha;', '";" is missing before this "source"'],
    ['write 1\nexit;', '";" is missing before this "exit"'],
    ['write "a" + "b"', 'without "+"'],
    ['if 1 = 1 then write 1 end', '";" is missing before "end"'],
    ['if 1 = 1 then write 1;', 'the "if" of line 1, column 1 has no "end"'],
    ['end', 'has no if, while or for'],
    ['if $x then end', 'a comparison is missing here'],
    ['$x = ($y = 1);', 'a value is expected here'],
    ['$x = ;', 'a value is missing'],
    ['$x = (1 + 2;', 'is not closed'],
    ['$x = conidd s to t;', 'did you mean "conid"?'],
    ['5;', 'a command or a variable must stand here'],
    ['for $i = 1 do end', '"to" is missing'],
    ['while 1 = 1 then end', '"do" is missing'],
    ["login 'alpha' u p", 'double quotes'],
  ])('%j says what is wrong', (text, words) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(words);
  });

  test.each(['failback 1', 'repset rename a to b', 'targetpath block 1', 'failover m'])(
    'the command %j of a later version is refused by name',
    (text) => {
      expect(problems(text)).toEqual([expect.stringMatching(/^1:1 -102 the command ".*" is not available in this version$/)]);
    },
  );

  test.each(['connect s to t map exact, route 1', 'connect s to t map exact noreplicate'])(
    'the option in %j of a later version is refused by name',
    (text) => {
      expect(problems(text)).toEqual([expect.stringMatching(/^1:\d+ -121 the option ".*" is not available in this version$/)]);
    },
  );

  test('typographic quotes are accepted with one warning each', () => {
    const { problems: none, warnings } = parse('$x = “a b”;\nwrite “c” $x;');
    expect(none).toEqual([]);
    expect(warnings.map(({ at }) => at)).toEqual([
      { line: 1, column: 6 },
      { line: 2, column: 7 },
    ]);
  });

  test('nesting without end is refused, not overflowed', () => {
    expect(problems('if '.repeat(5000)).length).toBeGreaterThan(0);
    expect(problems(`$x = ${'('.repeat(5000)}`)).toEqual([expect.stringContaining('levels of nesting')]);
    expect(problems('while 1 = 1 do '.repeat(5000)).length).toBeLessThanOrEqual(100);
  });
});
