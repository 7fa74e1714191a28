import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { initialConnectionSettings } from '../../../../../../src-main/api/index.ts';
import { silentLog } from '../../../../../../src-main/base/index.ts';
import {
  ApplicationHooks,
  type HooksParts,
} from '../../../../../../src-main/engine/connection/source/hooks/application-hooks.ts';
import {
  FreezeTurns,
  MEET_MS,
  type FreezeAnswer,
} from '../../../../../../src-main/engine/connection/source/hooks/freeze-turns.ts';
import { eventually } from '../../../../../support/eventually.ts';
import { hookScript } from '../../../../../support/hook-script.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

const cut = { sequence: 7, at: new Date(0).toISOString(), label: 'point-in-time' } as const;

/** Hooks whose programs write what they are run for into a file. */
function bench(folder = tempFolder(), turns = new FreezeTurns()) {
  const script = (name: string, ...lines: string[]) =>
    hookScript(`${folder}/${name}`, `echo $UNDERSTUDY_PURPOSE $UNDERSTUDY_FOR $UNDERSTUDY_CUT >> ${folder}/ran`, ...lines);
  const settings = {
    ...initialConnectionSettings.hooks,
    freeze: script('freeze') as string | null,
    thaw: script('thaw') as string | null,
    timeoutSeconds: 5,
  };
  const answers: FreezeAnswer[] = [];
  const events: string[] = [];
  const programs: string[] = [];
  const open = (more: Partial<HooksParts> = {}) => {
    const hooks = new ApplicationHooks({
      settings: () => settings,
      facts: { connectionId: 'id', number: 1, setName: 'files', sourceName: 'alpha', targetName: 'beta' },
      file: `${folder}/owed`,
      turns,
      answer: (_, answer) => answers.push(answer),
      event: (severity, text) => events.push(`${severity}: ${text}`),
      onProgram: ({ purpose, outcome }) => programs.push(`${purpose} ${outcome}`),
      onChange: () => undefined,
      log: silentLog,
      ...more,
    });
    onTestFinished(() => hooks.close());
    return hooks;
  };
  const ran = () => (existsSync(`${folder}/ran`) ? readFileSync(`${folder}/ran`, 'utf8').trim().split('\n') : []);
  return { folder, settings, answers, events, programs, open, ran, script, owed: `${folder}/owed` };
}

test('an application is frozen, noted as such, and let go on after the cut', async () => {
  const { open, answers, ran, owed, events, programs } = bench();
  const hooks = open();
  hooks.freeze(1, 'pause', null);
  await eventually('it is frozen', () => hooks.snapshot().state === 'frozen');
  expect(answers).toMatchObject([{ isFrozen: true }]);
  expect(existsSync(owed)).toBe(true);
  hooks.thaw(1, cut);
  await eventually('it is thawed', () => hooks.snapshot().state === 'ready');
  expect(ran()).toEqual(['freeze pause', 'thaw pause 7']);
  expect(existsSync(owed)).toBe(false);
  expect(hooks.snapshot().last).toMatchObject({ for: 'pause', freeze: { outcome: 'ok' }, thaw: { outcome: 'ok' }, cut });
  expect(events.join()).toMatch(/stood still for \d+ ms; the cut at operation 7 is point-in-time/);
  expect(programs).toEqual(['freeze ok', 'thaw ok']);
});

test('a freeze that fails is told, and the application is let go on all the same', async () => {
  const { open, settings, script, answers, ran, events } = bench();
  settings.freeze = script('broken', 'echo no such database', 'exit 1');
  const hooks = open();
  hooks.freeze(1, 'hold', null);
  await eventually('it is over', () => hooks.snapshot().last?.thaw != null);
  expect(ran()).toEqual(['freeze hold', 'thaw hold']);
  expect(answers).toEqual([{ isFrozen: false, why: expect.stringContaining('It said: no such database') as string }]);
  expect(events[0]).toContain('warning: The application could not be frozen');
});

test('a freeze that hangs is ended, and the application is let go on', async () => {
  const { open, settings, script, answers, ran } = bench();
  settings.freeze = script('hangs', 'sleep 60');
  settings.timeoutSeconds = 3;
  const hooks = open();
  hooks.freeze(1, 'pause', null);
  await eventually('it is over', () => hooks.snapshot().last?.thaw?.outcome === 'ok');
  expect(hooks.snapshot().last?.freeze?.outcome).toBe('timed-out');
  expect(answers).toMatchObject([{ isFrozen: false }]);
  expect(ran()).toEqual(['freeze pause', 'thaw pause']);
});

test('an application stands still no longer than it may, whatever becomes of the cut', async () => {
  const { open, settings, answers, ran } = bench();
  settings.frozenSeconds = 1;
  const hooks = open();
  hooks.freeze(1, 'pause', null);
  await eventually('it is thawed', () => hooks.snapshot().last?.thaw?.outcome === 'ok');
  expect(answers).toMatchObject([
    { isFrozen: true },
    { isFrozen: false, why: expect.stringContaining('let go after 1 s') as string },
  ]);
  expect(ran()).toEqual(['freeze pause', 'thaw pause']);
  hooks.thaw(1, cut); // late: nothing more
  await hooks.close();
  expect(ran()).toHaveLength(2);
});

test('a thaw that fails is an error that stands, and is tried again with the program that is set by then', async () => {
  const { open, settings, script, events, owed } = bench();
  const good = settings.thaw;
  settings.thaw = script('broken', 'exit 2');
  const hooks = open();
  hooks.freeze(1, 'pause', null);
  await eventually('it is frozen', () => hooks.snapshot().state === 'frozen');
  hooks.thaw(1, cut);
  await eventually('it is told', () => hooks.snapshot().state === 'thaw-failed');
  expect(events.join()).toContain('error: The application may stand still');
  expect(existsSync(owed)).toBe(true);
  settings.thaw = good;
  await eventually('it is thawed', () => hooks.snapshot().last?.thaw?.outcome === 'ok');
  await eventually('it is forgotten', () => !existsSync(owed));
});

test('a thaw that is owed from an earlier life is made up for at the start', async () => {
  const { open, ran, owed, events } = bench();
  writeFileSync(owed, '{"version":1,"group":null}');
  const hooks = open();
  await eventually('it is made up for', () => !existsSync(owed));
  expect(ran()).toEqual(['thaw restart']);
  expect(events[0]).toContain('The service ended while the application was meant to stand still');
  await eventually('it is ready', () => hooks.snapshot().state === 'ready');
});

test('a cut that nobody wants any more lets the application go on at once', async () => {
  const { open, ran } = bench();
  const hooks = open();
  hooks.freeze(1, 'pause', null);
  await eventually('it is frozen', () => hooks.snapshot().state === 'frozen');
  hooks.abandon();
  await hooks.close();
  expect(ran()).toEqual(['freeze pause', 'thaw pause']);
});

test('a stop does not wait for a freeze that hangs: it is ended, and the application is let go on', async () => {
  const { open, settings, script, ran, owed, folder } = bench();
  settings.freeze = script('hangs', `touch ${owed}-began`, 'sleep 60');
  settings.timeoutSeconds = 60;
  const hooks = open({ closeFreezeMs: 100 });
  hooks.freeze(1, 'pause', null);
  await eventually('it freezes', () => existsSync(`${owed}-began`));
  await hooks.close();
  expect(ran()).toEqual(['freeze pause', 'thaw pause']);
  expect(existsSync(owed)).toBe(false);
  expect(hooks.snapshot().last?.freeze?.text).toBe(`${folder}/hangs was no longer waited for and was ended by force.`);
});

test('after a stop nothing is frozen any more', async () => {
  const { open, ran } = bench();
  const hooks = open();
  await hooks.close();
  hooks.freeze(1, 'pause', null);
  await nextTurn();
  expect(hooks.snapshot().state).toBe('ready');
  expect(ran()).toEqual([]);
});

test('what cannot be told, because the disk is full, keeps nobody from standing still or going on', async () => {
  const { open, ran, owed } = bench();
  const fail = () => {
    throw new Error('the disk is full');
  };
  writeFileSync(owed, '{"version":1,"group":null}');
  const hooks = open({ event: fail, onProgram: fail, onChange: fail });
  hooks.freeze(1, 'pause', null);
  await eventually('it is frozen', () => hooks.snapshot().state === 'frozen');
  hooks.thaw(1, cut);
  await eventually('it is let go on', () => hooks.snapshot().state === 'ready');
  expect(ran()).toEqual(['thaw restart', 'freeze pause', 'thaw pause 7']);
  expect(existsSync(owed)).toBe(false);
});

test('two connections with one application freeze it one after the other', async () => {
  const folder = tempFolder();
  const turns = new FreezeTurns();
  const first = bench(folder, turns);
  const [one, other] = [first.open(), new ApplicationHooks({
    settings: () => first.settings, facts: { connectionId: 'b', number: 2, setName: 'files', sourceName: 'alpha', targetName: 'gamma' },
    file: `${folder}/other-owed`, turns, answer: () => undefined, event: () => undefined, onProgram: () => undefined, onChange: () => undefined, log: silentLog,
  })]; // prettier-ignore
  one.freeze(1, 'pause', null);
  other.freeze(1, 'pause', null);
  await eventually('one is frozen', () => one.snapshot().state === 'frozen');
  expect(other.snapshot().state).toBe('waiting');
  one.thaw(1, cut);
  await eventually('then the other', () => other.snapshot().state === 'frozen');
  expect(first.ran()).toEqual(['freeze pause', 'thaw pause 7', 'freeze pause']);
  await other.close();
});

test('without programs nothing is run and the state is off', () => {
  const { open, settings } = bench();
  settings.freeze = null;
  settings.thaw = null;
  expect(open().snapshot()).toMatchObject({ state: 'off', last: null });
});

/** Two connections with one application, whose cuts are to be the same. */
function sharing(frozenSeconds = 60) {
  const folder = tempFolder();
  const turns = new FreezeTurns();
  const [host, guest] = [bench(folder, turns), bench(folder, turns)];
  const [one, other] = [host.open(), guest.open()];
  for (const { settings } of [host, guest]) settings.frozenSeconds = frozenSeconds;
  return { host, guest, one, other };
}

test('two connections whose cuts are to be the same share one rest, which ends when both are made', async () => {
  const { host, guest, one, other } = sharing();
  one.freeze(1, 'pause', 'both');
  other.freeze(4, 'pause', 'both');
  await eventually('both are told', () => host.answers.length + guest.answers.length === 2);
  expect([host.answers, guest.answers]).toMatchObject([[{ isFrozen: true }], [{ isFrozen: true }]]);
  other.thaw(4, { ...cut, sequence: 9 });
  await new Promise(setImmediate);
  expect(one.snapshot().state).toBe('frozen');
  one.thaw(1, cut);
  await eventually('both are done', () => [one, other].every((hooks) => hooks.snapshot().state === 'ready'));
  expect(host.ran()).toEqual(['freeze pause', 'thaw pause 7']);
  expect(host.programs.concat(guest.programs)).toEqual(['freeze ok', 'thaw ok']);
  expect(other.snapshot().last).toMatchObject({ thaw: { outcome: 'ok' }, cut: { sequence: 9 } });
  expect(existsSync(host.owed)).toBe(false);
});

test.each(['host', 'guest'] as const)('when one of two that share a rest is gone (the %s), nobody stays frozen', async (gone) => {
  const { host, guest, one, other } = sharing();
  one.freeze(1, 'pause', 'both');
  other.freeze(1, 'pause', 'both');
  await eventually('both stand', () => [one, other].every((hooks) => hooks.snapshot().state === 'frozen'));
  const [leaving, staying] = gone === 'host' ? [one, guest] : [other, host];
  leaving.abandon();
  await eventually('both are done', () => [one, other].every((hooks) => hooks.snapshot().state === 'ready'));
  expect(host.ran()).toEqual(['freeze pause', 'thaw pause']);
  expect(staying.answers.at(-1)).toMatchObject({ isFrozen: false, why: expect.stringContaining('let go') as string });
});

test('a rest that two share lasts no longer than it may', async () => {
  const { host, guest, one, other } = sharing(1);
  one.freeze(1, 'pause', 'both');
  other.freeze(1, 'pause', 'both');
  await eventually('it is over', () => [one, other].every((hooks) => hooks.snapshot().last?.thaw?.outcome === 'ok'));
  for (const { answers } of [host, guest])
    expect(answers).toMatchObject([{ isFrozen: true }, { isFrozen: false, why: expect.stringContaining('after 1 s') as string }]);
});

test('where the other one does not come, the application is frozen for one alone', async () => {
  const { host, one } = sharing();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  one.freeze(1, 'pause', 'both');
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  vi.advanceTimersByTime(MEET_MS);
  vi.useRealTimers();
  await eventually('it is frozen', () => one.snapshot().state === 'frozen');
  one.thaw(1, cut);
  await eventually('it is over', () => one.snapshot().state === 'ready');
  expect(host.ran()).toEqual(['freeze pause', 'thaw pause 7']);
});
