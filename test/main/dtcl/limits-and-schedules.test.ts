import { beforeEach, describe, expect, test } from 'vitest';
import { initialLineSettings, type LineSettings } from '../../../src-main/api/index.ts';
import { parse } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const loggedIn = 'login alpha admin right; login beta admin right; source alpha;';
let host: FakeDtclHost;
beforeEach(() => {
  host = new FakeDtclHost();
  for (const setName of ['accounts', 'books']) {
    host.services.alpha.addConnection({ setName, targetName: 'beta', map: { kind: 'base', base: 'c:\\noon' } });
  }
});

/** The results of the commands after the three of `loggedIn`, what they printed, and why they failed. */
async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  const errors = reports.map(({ error }) => error?.text ?? '').join('');
  return { results: results.slice(3).map(([, result]) => result), lines: lines.slice(3), errors };
}

function line(): LineSettings {
  return host.services.alpha.connections[0]?.line.settings ?? initialLineSettings;
}

describe('limit bandwidth', () => {
  test.each([
    ['limit bandwidth 19300, 5 to beta;', { bytesPerSec: null, burstBytes: 19_300, burstSeconds: 5 }],
    ['limit bandwidth 19300 5 to beta;', { bytesPerSec: null, burstBytes: 19_300, burstSeconds: 5 }],
    ['limit bandwidth 10m to BETA;', { bytesPerSec: 10 * 1024 * 1024, burstBytes: null }],
    ['target beta; limit bandwidth 2048;', { bytesPerSec: 2048, burstBytes: null }],
    ['limit bandwidth 19300, 5 to beta; limit bandwidth off to beta;', { bytesPerSec: null, burstBytes: null }],
  ])('%s', async (text, limits) => {
    await run(text);
    expect(line().limits).toMatchObject(limits);
    expect(host.services.alpha.connections[1]?.line.settings.limits).toEqual(line().limits);
  });

  test.each([
    ['limit bandwidth 10 to beta;', -122],
    ['limit bandwidth fast to beta;', -101],
    ['limit bandwidth 19300, 0 to beta;', -122],
    ['limit bandwidth 19300 to gamma;', -107],
    ['limit bandwidth 19300;', -106],
  ])('%s is %d', async (text, number) => {
    expect((await run(text)).results).toEqual([number]);
    expect(line()).toEqual(initialLineSettings);
  });

  test('can be set before anything is connected', async () => {
    host.services.alpha.connections.length = 0;
    expect((await run('limit bandwidth 2048 to beta;')).results).toEqual([1]);
  });
});

describe('compression', () => {
  const of = () => host.services.alpha.connections.map(({ settings }) => settings.compression);

  test.each([
    ['compression enable for 1;', [true, false], 1],
    ['compression enable level 3 for beta;', [true, true], 3],
    ['compression enable level 2;', [true, true], 2],
    ['target beta; compression enable;', [true, true], 1],
    ['compression enable for *; compression disable for 2;', [true, false], 1],
  ])('%s', async (text, isEnabled, level) => {
    await run(text);
    expect(of().map((one) => one.isEnabled)).toEqual(isEnabled);
    expect(of()[0]?.level).toBe(level);
  });

  test('has levels 1 to 3', async () => {
    expect((await run('compression enable level 4;')).results).toEqual([-122]);
    expect(parse('compression on;').problems[0]?.text).toContain('"enable" or "disable" is missing');
  });
});

describe('schedule', () => {
  test.each([
    ['start 2026-11-22 22:00 every 30 minutes', { startAt: '2026-11-22T22:00:00', startEvery: 30, startUnit: 'minutes' }],
    ['start 2026-11-22 9:05:10', { startAt: '2026-11-22T09:05:10', startEvery: null }],
    ['start 2026-11-22 22:00 every 1 day', { startAt: '2026-11-22T22:00:00', startEvery: 1, startUnit: 'days' }],
    ['start queue 80%', { startQueuePercent: 80, startQueueBytes: null }],
    ['start queue 500m', { startQueueBytes: 500 * 1024 * 1024, startQueuePercent: null }],
    ['stop 2026-11-23 06:00', { stopAt: '2026-11-23T06:00:00' }],
    ['stop for 2 hours', { stopAfterSeconds: 7200 }],
    ['stop bytes 2g', { stopAfterBytes: 2 * 1024 ** 3 }],
    ['window 22:00 6:00', { windowOpen: '22:00', windowClose: '06:00' }],
    ['disable', { isStartEnabled: false, isStopEnabled: false, isWindowEnabled: false }],
    ['disable window', { isStartEnabled: true, isStopEnabled: true, isWindowEnabled: false }],
  ])('%s', async (text, expected) => {
    expect((await run(`schedule ${text} to beta;`)).results).toEqual([1]);
    expect(line().schedule).toEqual({ ...initialLineSettings.schedule, ...expected });
  });

  test('disable keeps the rules, enable brings them back, clear forgets them', async () => {
    const rules = 'schedule start queue 50% to beta; schedule window 22:00 06:00 to beta;';
    await run(`${rules} schedule disable to beta; schedule enable window to beta;`);
    expect(line().schedule).toMatchObject({
      isStartEnabled: false,
      isWindowEnabled: true,
      startQueuePercent: 50,
      windowOpen: '22:00',
    });
    await run('schedule clear window to beta;');
    expect(line().schedule).toMatchObject({ startQueuePercent: 50, windowOpen: null, windowClose: null });
    await run('schedule clear to beta; schedule enable to beta;');
    expect(line().schedule).toEqual(initialLineSettings.schedule);
  });

  test('list shows the rules as they are typed', async () => {
    const { lines } = await run(
      'schedule start 2026-11-22 22:00 every 1 days to beta; schedule stop for 2 hours to beta; schedule disable stop to beta; schedule list;',
    );
    expect(lines.slice(-5)).toEqual([
      'beta: none',
      '  start 2026-11-22 22:00:00 every 1 days',
      '  stop for 7200 seconds (disabled)',
      '  next 2026-11-22 22:00',
      '  next 2026-11-23 22:00',
    ]);
  });

  test('a lone window says that it starts nothing', async () => {
    expect((await run('schedule window 22:00 06:00 to beta;')).lines.at(-1)).toContain('A window alone starts nothing');
    expect((await run('schedule start queue 50% to beta;')).lines.join()).not.toContain('alone');
  });

  test.each([
    ['schedule start 22.11.2026 22:00 to beta;', -101, 'a date and time such as'],
    ['schedule start 2026-11-22 25:00 to beta;', -101, 'a date and time such as'],
    ['schedule start queue 101% to beta;', -122, 'between 1% and 100%'],
    ['schedule start queue much to beta;', -101, 'not a whole number of bytes'],
    ['schedule window noon 06:00 to beta;', -101, 'a time of day such as'],
    ['schedule stop for 0 hours to beta;', -122, 'between 1 and'],
  ])('%s is refused with words', async (text, number, words) => {
    const { results, errors } = await run(text);
    expect(results).toEqual([number]);
    expect(errors).toContain(words);
  });

  test.each([
    ['schedule start;', 'the date, or "queue" is missing'],
    ['schedule start 2026-11-22 22:00 every 5 weeks to beta;', '"minutes" or "hours" or "days"'],
    ['schedule stop for 5;', '"seconds" or "minutes"'],
    ['schedule window 22:00;', 'the time at which it closes is missing'],
    ['schedule pause;', '"schedule" needs one more word'],
  ])('%s is refused before anything runs', (text, words) => {
    expect(
      parse(text)
        .problems.map((problem) => problem.text)
        .join(),
    ).toContain(words);
  });
});
