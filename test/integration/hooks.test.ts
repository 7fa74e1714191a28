import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ConnectionSettingsChange } from '../../src-main/api/index.ts';
import { eventually } from '../support/eventually.ts';
import { hookScript } from '../support/hook-script.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

/**
 * An application that writes a pair of files without rest, until its freeze program asks it to stop: then it ends its pair, says so, and goes
 * on when it is let.
 */
async function scene(name: string) {
  const replica = new Replica(pair, name);
  const folder = `${pair.folder}/hooks-${name}`;
  mkdirSync(folder);
  const app = { isAsked: () => existsSync(`${folder}/stop`), rest: `${folder}/at-rest` };
  const log = `echo "$UNDERSTUDY_PURPOSE $UNDERSTUDY_FOR $UNDERSTUDY_SET $UNDERSTUDY_CUT_LABEL" >> ${folder}/ran`;
  const freeze = hookScript(
    `${folder}/freeze`,
    log,
    `touch ${folder}/stop`,
    `while [ ! -e ${folder}/at-rest ]; do sleep 0.02; done`,
  );
  const thaw = hookScript(`${folder}/thaw`, log, `rm -f ${folder}/stop`);
  let n = 0;
  const write = () => {
    if (app.isAsked()) {
      writeFileSync(app.rest, '');
      return;
    }
    rmSync(app.rest, { force: true });
    n++;
    writeFileSync(`${replica.source}/log`, String(n));
    writeFileSync(`${replica.source}/data`, String(n));
  };
  write();
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  const configure = (hooks: NonNullable<ConnectionSettingsChange['hooks']>) =>
    pair.call('source', 'connection.configure', { connectionId: replica.id, settings: { hooks } });
  const timer = setInterval(write, 2);
  onTestFinished(() => clearInterval(timer));
  const ran = () => (existsSync(`${folder}/ran`) ? readFileSync(`${folder}/ran`, 'utf8').trim().split(/ *\n/) : []);
  const pause = async () => {
    await pair.call('source', 'transmission.pause', { connectionId: replica.id, reason: 'a test' });
    const { transmission } = await replica.when('it is paused', ({ transmission: t }) => t.kind === 'paused');
    if (transmission.kind !== 'paused') throw new Error('not paused');
    return transmission.cut;
  };
  const resume = () => pair.call('source', 'transmission.resume', { connectionId: replica.id });
  return { replica, folder, freeze, thaw, configure, pause, resume, ran, isFrozen: () => app.isAsked() };
}

test('a pause freezes the application, cuts while it stands still, and lets it go on', async () => {
  const { replica, freeze, thaw, configure, pause, resume, ran } = await scene('paused');
  await configure({ freeze, thaw });
  const cut = await pause();
  expect(cut).toMatchObject({ label: 'point-in-time', isFrozen: true, why: 'the application was frozen' });
  const held = (name: string) => readFileSync(`${replica.target}/${name}`, 'utf8');
  expect(held('log')).toBe(held('data'));
  await eventually('it was let go', () => ran().length === 2);
  expect(ran()).toEqual(['freeze pause paused', 'thaw pause paused point-in-time']);
  const { hooks, consistencyWhy } = await replica.when('it is told', (snapshot) => snapshot.hooks.state === 'ready');
  expect(hooks.last).toMatchObject({
    for: 'pause',
    freeze: { outcome: 'ok' },
    thaw: { outcome: 'ok' },
    cut: { sequence: cut.sequence },
  });
  expect(consistencyWhy).toBe('the application was frozen');
  const audit = await pair.call('source', 'audit.list', { limit: 50 });
  expect(audit.filter(({ user }) => user === 'service').map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'hooks.thaw ok',
    'hooks.freeze ok',
  ]);
  await resume();
});

test('a hold of the target freezes the application too', async () => {
  const { replica, freeze, thaw, configure, ran } = await scene('held');
  await configure({ freeze, thaw });
  await pair.call('target', 'replica.hold', { connectionId: replica.id, reason: 'a test' });
  const held = await eventually('it is held', async () => {
    const found = await replica.held();
    return found.state === 'held' ? found : null;
  });
  expect(held.consistency).toBe('point-in-time');
  await eventually('it was let go', () => ran().length === 2);
  expect(ran()).toEqual(['freeze hold held', 'thaw hold held point-in-time']);
  await pair.call('target', 'replica.resume', { connectionId: replica.id });
});

test('where the freeze fails or hangs the pause is made without it, says so, and the application goes on', async () => {
  const { replica, folder, thaw, configure, pause, resume, ran } = await scene('failing');
  await configure({ freeze: hookScript(`${folder}/broken`, 'echo no connection to the database', 'exit 5'), thaw });
  const cut = await pause();
  expect(cut.isFrozen).toBe(false);
  expect(cut.why).toContain('It said: no connection to the database');
  await eventually('it was let go', () => ran().length === 1);
  await resume();
  await configure({ freeze: hookScript(`${folder}/hangs`, 'sleep 600'), timeoutSeconds: 1 });
  expect((await pause()).why).toContain('did not end within 1 s');
  await eventually('it was let go again', () => ran().length === 2);
  const messages = await pair.call('source', 'message.list', { afterId: 0, limit: 1000 });
  expect(messages.filter(({ text }) => text.includes('failing → beta: The application could not be frozen'))).toHaveLength(2);
  await resume();
  expect((await replica.get()).hooks.last?.freeze?.outcome).toBe('timed-out');
});

test('an application that a killed service left at rest is let go on at its start', async () => {
  const { replica, folder, freeze, thaw, configure, resume, ran, isFrozen } = await scene('killed');
  // It comes to rest, and the program does not end.
  const slow = hookScript(`${folder}/slow`, freeze, 'sleep 600');
  await configure({ freeze: slow, thaw });
  await pair.call('source', 'transmission.pause', { connectionId: replica.id, reason: 'a test' });
  await eventually('the application stands still', () => isFrozen() && existsSync(`${folder}/at-rest`));
  await pair.kill('source');
  expect(isFrozen()).toBe(true);
  // The program of the earlier life must not freeze what is let go now; the pause, which still stands, asks anew.
  writeFileSync(slow, `#!/bin/sh\nexit 0\n`);
  await pair.start('source');
  await eventually('it is let go', () => !isFrozen());
  expect(ran()).toContain('thaw restart killed');
  await replica.when('the pause stands', ({ transmission: t }) => t.kind === 'paused');
  await resume();
});

test('a stop of the service lets the application go on before it ends', async () => {
  const { replica, folder, thaw, configure, ran, resume } = await scene('stopped');
  await configure({ freeze: hookScript(`${folder}/slow`, `touch ${folder}/began`, 'sleep 3'), thaw });
  await pair.call('source', 'transmission.pause', { connectionId: replica.id, reason: 'a test' });
  await eventually('it freezes', () => existsSync(`${folder}/began`));
  await pair.stop('source');
  expect(ran()).toEqual(['thaw pause stopped']);
  await pair.start('source');
  await replica.when('the pause stands', ({ transmission: t }) => t.kind === 'paused');
  await resume();
});

test('a monitor may not set what the service runs', async () => {
  const { replica, freeze } = await scene('monitored');
  await pair.call('source', 'account.create', { name: 'mona', password: 'only looks around', role: 'monitor' });
  const session = await pair.services.source.session();
  onTestFinished(() => session.close());
  await session.call('session.login', { user: 'mona', password: 'only looks around' });
  const setting = session.call('connection.configure', { connectionId: replica.id, settings: { hooks: { freeze } } });
  await expect(setting).rejects.toMatchObject({ code: 'not-allowed' });
});
