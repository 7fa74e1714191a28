import { beforeEach, describe, expect, test } from 'vitest';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

let host: FakeDtclHost;
beforeEach(() => (host = new FakeDtclHost()));

async function written(text: string): Promise<readonly string[]> {
  return (await runOn(host, text)).lines;
}

describe('values', () => {
  test('variables do not depend on case, and stand for one argument whatever they hold', async () => {
    expect(await written('$Name = "a, b; # c"; write $NAME "d";')).toEqual(['a, b; # c d']);
  });

  test('numbers add and subtract, text joins', async () => {
    expect(await written('$x = 2 + 3 - 1; $y = "n" + $x; write $x $y;')).toEqual(['4 n4']);
  });

  test('date and time are of the machine, and compare with text of their form', async () => {
    const script =
      'write "date" date; date; $d = date; $t = time now; write $d $t; if $t >= "9:00" and $d = 2026-11-22 then write "yes"; end';
    expect(await written(script)).toEqual(['date 2026-11-22', '2026-11-22', '2026-11-22 12:00:00', 'yes']);
  });

  test.each([
    ['"10" > "9"', true],
    ['"Alpha" = "ALPHA"', true],
    ['"10" = 10', true],
    ['"x" = 10', false],
    ['"x" <> 10', true],
    ['1 = 1 and not 2 = 3', true],
    ['1 = 2 or 1 < 0', false],
    ['"" = ""', true],
  ])('%s is %s', async (relation, answer) => {
    expect(await written(`if ${relation} then write "true"; else write "false"; end`)).toEqual([String(answer)]);
  });
});

describe('failures', () => {
  test('a failing command is reported and the next one runs', async () => {
    const { results, failures, end } = await runOn(host, 'ping gamma; ping beta;');
    expect(results).toEqual([
      ['ping', -107],
      ['ping', 1],
    ]);
    expect([failures, end]).toEqual([1, 'finished']);
  });

  test('with -e the script stops at the first failure', async () => {
    const { results, end } = await runOn(host, 'ping gamma; ping beta;', { stopsAtFailure: true });
    expect(results).toEqual([['ping', -107]]);
    expect(end).toBe('stopped');
  });

  test('an assignment takes the negative number of a failed command', async () => {
    expect(await written('$r = ping gamma; if $r < 0 then write "failed with" $r; end')).toEqual(['failed with -107']);
  });

  test('an unset variable is error -101, in a command, an assignment and a condition', async () => {
    const { results, lines } = await runOn(
      host,
      'write $x; $y = $x + 1; if $x = 1 then write 1; else write 2; end while $x = 1 do end',
    );
    expect(results).toEqual([
      ['write', -101],
      ['$y =', -101],
      ['if', -101],
      ['while', -101],
    ]);
    expect(lines).toEqual([]);
  });

  test('a failed assignment leaves no old value behind', async () => {
    const { results } = await runOn(host, '$x = 1; $x = $none; write $x;');
    expect(results.map(([, result]) => result)).toEqual([-101, -101]);
  });

  test('reports never hold arguments', async () => {
    const { reports } = await runOn(host, 'login alpha admin wrong; login alpha admin right;');
    expect(JSON.stringify(reports)).not.toMatch(/wrong"|right/);
  });
});

describe('loops', () => {
  test('while and for repeat, and exit leaves from within', async () => {
    const script = '$i = 0; while $i < 3 do $i = $i + 1; end for $j = 1 to 9 do write $i $j; if $j = 2 then exit; end end';
    const { lines, end } = await runOn(host, script);
    expect(lines).toEqual(['3 1', '3 2']);
    expect(end).toBe('exited');
  });

  test('an endless loop and a long wait can be interrupted', async () => {
    for (const script of ['while 1 = 1 do end', 'while 1 = 1 do ping gamma; end', 'for $i = 1 to 900000000 do wait 1; end']) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('interrupted')), 20);
      await expect(runOn(host, script, { signal: controller.signal })).rejects.toThrow('interrupted');
    }
  });
});
