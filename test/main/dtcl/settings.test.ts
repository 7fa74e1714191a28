import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const loggedIn = 'login alpha admin right; login beta admin right; source alpha;';
let host: FakeDtclHost;
beforeEach(() => {
  host = new FakeDtclHost();
  connected('accounts');
  connected('books');
});

function connected(setName: string) {
  return host.services.alpha.addConnection({ setName, targetName: 'beta', map: { kind: 'base', base: 'c:\\noon' } });
}

/** The results of the commands after the three of `loggedIn`, and what they printed. */
async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  const errors = reports.map(({ error }) => error?.text ?? '').join('');
  return { results: results.slice(3).map(([, result]) => result), lines, errors };
}

describe('set', () => {
  test('changes one setting of one connection', async () => {
    expect((await run('set 1 compression.isEnabled = yes; set 1 COMPRESSION.level=3;')).results).toEqual([1, 1]);
    expect(host.services.alpha.connections.map(({ settings }) => settings.compression)).toEqual([
      { isEnabled: true, level: 3 },
      { isEnabled: false, level: 1 },
    ]);
  });

  test('changes what a line shares for every connection to that target', async () => {
    const { results, lines } = await run('set 1 limits.bytesPerSec = 2m; $x = get 2 limits.bytesPerSec; write $x;');
    expect(results).toEqual([1, 1, 1]);
    expect(lines.at(-1)).toBe(String(2 * 1024 * 1024));
    await run('set 2 limits.bytesPerSec = off;');
    expect(host.services.alpha.connections.map(({ line }) => line.settings.limits.bytesPerSec)).toEqual([null, null]);
  });

  test('changes a setting of the service', async () => {
    const { lines } = await run('set service clock.timeZone = Europe/Berlin; get service;');
    expect(lines.join('\n')).toContain('clock.timeZone = Europe/Berlin');
  });

  test('takes the value from a variable', async () => {
    await run('$level = 2; set 1 compression.level = $level;');
    expect(host.services.alpha.connections[0]?.settings.compression.level).toBe(2);
  });

  test.each([
    ['set 1 compression.level = 4;', -122, 'between 1 and 3'],
    ['set 1 compression.level = off;', -101, 'a whole number'],
    ['set 1 limits.bytesPerSec = fast;', -101, 'or off'],
    ['set 1 compression.isEnabled = perhaps;', -101, 'yes or no'],
    ['set 1 schedule.startUnit = years;', -101, 'minutes, hours, days'],
    ['set 1 schedule.windowOpen = 25:00;', -101, 'a time of day such as 22:00'],
    ['set 7 compression.level = 1;', -115, 'no connection 7'],
  ])('refuses %s', async (text, number, words) => {
    const { results, errors } = await run(text);
    expect(results).toEqual([number]);
    expect(errors).toContain(words);
  });

  test.each([
    ['set 1 limits.bytePerSec = 5;', 'did you mean "limits.bytesPerSec"?'],
    ['set 1 limits = 5;', 'there is no setting "limits"'],
    ['set 1 clock.timeZone = UTC;', 'there is no setting "clock.timeZone"'],
    ['set 1 compression.level 5;', '"=" must follow'],
    ['set 1 compression.level =;', 'the value is missing'],
    ['get 1 limts.bytesPerSec;', 'did you mean "limits.bytesPerSec"?'],
  ])('refuses %s before anything runs', (text, words) => {
    expect(
      parse(text)
        .problems.map((problem) => problem.text)
        .join(),
    ).toContain(words);
  });
});

test('get shows a section, or everything that can be seen, with what it does', async () => {
  const section = (await run('get 1 limits;')).lines.filter((line) => line.includes(' = '));
  expect(section.map((line) => line.split(' = ')[0])).toEqual(['limits.bytesPerSec', 'limits.burstBytes', 'limits.burstSeconds']);
  const { lines } = await run('get 1;');
  expect(lines.join('\n')).toMatch(/compression\.level = 1 +How hard it tries/);
});
