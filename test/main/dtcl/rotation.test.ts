import { beforeEach, expect, test } from 'vitest';
import { parse } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const loggedIn = 'login alpha admin right; source alpha;';
let host: FakeDtclHost;
beforeEach(() => {
  host = new FakeDtclHost();
  for (const base of ['c:\\noon', 'c:\\midnight']) {
    const { id } = host.services.alpha.addConnection({ setName: 'accounts', targetName: 'beta', map: { kind: 'base', base } });
    host.services.alpha.change(id, { targetData: 'good' });
  }
});

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  const failures = reports.map(({ error }) => error?.text ?? '');
  return { results: results.slice(2).map(([, result]) => result), text: [...lines, ...failures].join('\n') };
}

/** A pair of which the first slot is live, and the second at rest. */
async function pair() {
  await run('rotation create pair; rotation slot add pair A connection 1; rotation slot add PAIR B connection 2;');
  await look();
}
async function look() {
  host.services.alpha.turns.clock.turn(1_000);
  await host.services.alpha.turns.rotations.settled();
}

test('a pair is made, timed, shown in thought, and displayed', async () => {
  await pair();
  const made = await run(
    'rotation at pair 12:00 on mon, fri to A zone Europe/Berlin; rotation at pair 2026-12-24 18:00; rotation every pair "0 0 * * *" to B;' +
      'rotation order pair quick mirror different; rotation missed pair run within 2 hours; rotation simulate pair 2; rotation display pair;',
  );
  expect(made.results).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(made.text).toContain('pair: mon,fri 12:00 to A, Europe/Berlin.');
  expect(made.text).toContain('2026-12-24 18:00 to the next slot');
  expect(made.text).toContain('Order:      quick, mirror different');
  expect(made.text).toContain('Missed:     run late, within 2 h 0 min');
  expect(made.text).toContain('2026-11-27 12:00 to A: nothing, “A” follows the source already');
  expect(made.text).toContain('2026-11-28 00:00 to B: “A” leaves at a cut, then “B” comes with its mirror');
  expect(made.text).toMatch(/Slot A: live, connection 1 at c:\\noon\\c\\data on beta/);
  expect(made.text).toMatch(/Slot B: at-rest.*\n {2}complete as of .* old, operation 7, point-in-time/);
  const listed = await run('status rotation;');
  expect(listed.text).toMatch(
    /pair: A live, B at-rest {2}next 2026-11-27 12:00 to A {2}newest complete copy: A, follows the source/,
  );
});

test('a switch by hand is waited for, and tells the copy that went to rest', async () => {
  await pair();
  await run('rotation order pair quick;');
  host.services.alpha.before = (call) => {
    if (call !== 'rotation.list') return;
    for (const { id, mirror } of host.services.alpha.connections)
      if (mirror.kind === 'mirroring')
        host.services.alpha.change(id, {
          mirror: { kind: 'idle', lastCompletedAt: '2026-11-27T06:00:02.000Z' },
          targetData: 'good',
        });
    host.services.alpha.turns.clock.turn(1_000);
  };
  const switched = await run('rotation run pair to B;');
  expect(switched.results).toEqual([1]);
  expect(switched.text).toMatch(/by hand {2}to B {2}done .*, A at rest as of .* \(point-in-time\)/);
  expect((await run('rotation run pair to B;')).results).toEqual([-126]);
});

test('a switch that goes on for longer than anybody waits is -125', async () => {
  await pair();
  expect((await run('rotation run pair for 1; rotation run pair nowait;')).results).toEqual([-125, -126]);
});

test('a slot in use is told with what it holds, and released', async () => {
  await pair();
  const used = await run(
    'rotation use pair B reason "tape"; rotation run pair; rotation list; rotation release pair b; rotation use pair A;',
  );
  expect(used.results).toEqual([1, -126, 1, 1, -126]);
  expect(used.text).toMatch(/In use: B of pair, complete as of .*, point-in-time\./);
  expect(used.text).toContain('B in-use');
});

test('skip, disable, enable, clear and delete', async () => {
  await pair();
  const done = await run(
    'rotation skip pair; rotation at pair 12:00; rotation skip pair; rotation disable pair; rotation enable pair; rotation clear pair;' +
      'rotation slot remove pair B; rotation delete pair; rotation list;',
  );
  expect(done.results).toEqual([-101, 1, 1, 1, 1, 1, 1, 1, 1]);
  expect(done.text).toContain('Will be skipped: 2026-11-27 12:00, pair.');
  expect(done.text).toContain('There are no rotations.');
});

test('mistakes have numbers and say the way out', async () => {
  await pair();
  const wrong = await run(
    'rotation create pair; rotation at pair 25:00; rotation every pair "61 * * * *"; rotation at pair 12:00 zone Mars/Olympus;' +
      'rotation at pair 12:00 to Z; rotation display none; rotation slot add pair C connection 1; rotation slot add pair C connection 9;',
  );
  expect(wrong.results).toEqual([-128, -122, -101, -101, -127, -127, -101, -115]);
  expect(wrong.text).toContain('“61 * * * *” is no time for a schedule: Invalid value for minute: 61');
});

test.each([
  'rotation order pair slow;',
  'rotation missed pair run;',
  'rotation at pair 12:00 on someday;',
  'rotation slot add pair A 1;',
  'rotation;',
])('%s is refused before anything runs', (script) => {
  expect(parse(script).problems).toHaveLength(1);
});
