import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RotationRun } from '../../src-main/api/index.ts';
import { eventually } from '../support/eventually.ts';
import { hookScript } from '../support/hook-script.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

/** A set with two replicas that take turns in the safe order, and an application that writes a pair of files until it is asked to rest. */
async function scene(name: string) {
  const source = `${pair.folder}/trees/${name}`;
  const hooks = `${pair.folder}/hooks-${name}`;
  for (const folder of [source, hooks]) mkdirSync(folder, { recursive: true });
  let n = 0;
  const write = () => {
    if (existsSync(`${hooks}/stop`)) {
      writeFileSync(`${hooks}/at-rest`, '');
      return;
    }
    rmSync(`${hooks}/at-rest`, { force: true });
    n++;
    writeFileSync(`${source}/log`, String(n));
    writeFileSync(`${source}/data`, String(n));
  };
  write();
  await pair.call('source', 'set.create', { name });
  await pair.call('source', 'set.add-rule', { name, rule: { path: source, verdict: 'include', recursive: true } });
  await pair.call('source', 'set.save', { name });
  await pair.call('source', 'rotation.create', { name });
  const slots = await Promise.all(
    ['A', 'B'].map(async (slot) => {
      const to = `${pair.folder}/replicas/${name}-${slot}`;
      const { id } = await pair.connect(name, { kind: 'pairs', pairs: [{ from: source, to }] }, { kind: 'all' });
      return { slot, id, held: (file: string) => readFileSync(`${to}/${file}`, 'utf8') };
    }),
  );
  for (const { slot, id } of slots) await pair.call('source', 'rotation.add-slot', { rotation: name, slot, connectionId: id });
  const get = async () => (await pair.call('source', 'rotation.list', null)).find((one) => one.name === name);
  const states = async () => (await get())?.slots.map(({ state, copy }) => `${state}${copy === null ? '?' : ''}`).join(' ');
  await eventually('one is live, the other at rest', async () => (await states()) === 'live at-rest', 30_000);
  const [a, b] = slots;
  if (a === undefined || b === undefined) throw new Error('there are two');
  /** Not faster than the target of a busy machine takes it: how long a cut takes else depends on how far that fell back. */
  const writeOn = (everyMs = 10) => {
    const timer = setInterval(write, everyMs);
    onTestFinished(() => clearInterval(timer));
  };
  const turn = async (): Promise<RotationRun> => {
    await pair.call('source', 'rotation.run-now', { rotation: name, slot: 'B' });
    try {
      return await eventually('switched', async () => (await get())?.runs[0] ?? null, 60_000);
    } catch (error) {
      throw new Error(`${String(error)}\n${await story()}`, { cause: error });
    }
  };
  /** How far the switch came, for people who read that it did not end. */
  const story = async () => {
    const all = await pair.call('source', 'connection.list', null);
    const both = slots.map(({ slot, id }) => ({ slot, ...all.find((one) => one.id === id) }));
    const programs = existsSync(`${hooks}/ran`) ? ran() : [];
    return [await get(), ...both, programs].map((one) => JSON.stringify(one)).join('\n') + `\n${pair.logs()}`;
  };
  const ran = () => readFileSync(`${hooks}/ran`, 'utf8').trim().split('\n');
  /** Has the application rest for every cut from now on; let go it waits for `goOn`, so that nothing hides what both cuts hold. */
  const hook = async () => {
    const ran = `echo $UNDERSTUDY_PURPOSE >> ${hooks}/ran`;
    const rest = [`touch ${hooks}/stop`, `while [ ! -e ${hooks}/at-rest ]; do sleep 0.02; done`];
    const freeze = hookScript(`${hooks}/freeze`, ran, ...rest);
    const thaw = hookScript(`${hooks}/thaw`, ran, `true`);
    const settings = { hooks: { freeze, thaw } };
    for (const { id } of slots) await pair.call('source', 'connection.configure', { connectionId: id, settings });
  };
  const goOn = () => rmSync(`${hooks}/stop`);
  return { a, b, writeOn, turn, hook, goOn, ran };
}

test('an application that writes without rest is frozen once for both cuts of a safe switch, which are one state', async () => {
  const { a, b, writeOn, turn, hook, goOn, ran } = await scene('frozen');
  await hook();
  writeOn();
  const run = await turn();
  expect(run).toMatchObject({ outcome: 'done', isComplete: true, isSameCut: true });
  expect(run.cut).toMatchObject({ label: 'point-in-time', isFrozen: true });
  expect(run.levelCut).toMatchObject({ label: 'point-in-time', isFrozen: true, at: run.cut?.at });
  expect(run.why).toBe(`Both hold the same state of the source, that of ${run.cut?.at ?? ''}.`);
  // It was let go, and waits for us: nothing has changed since both cuts.
  await eventually('the application was let go', () => ran().length === 2);
  expect(ran()).toEqual(['freeze', 'thaw']);
  const atRest = a.held('log');
  for (const slot of [a, b]) expect([slot.held('log'), slot.held('data')]).toEqual([atRest, atRest]);
  goOn();
  await eventually('the new one follows', () => Number(b.held('data')) > Number(atRest));
  expect([a.held('log'), a.held('data')]).toEqual([atRest, atRest]);
});

test('a source that rests now and then gives both one cut without a hook', async () => {
  const { a, b, writeOn, turn } = await scene('resting');
  writeOn(1_000);
  const run = await turn();
  expect(run).toMatchObject({ outcome: 'done', isSameCut: true, cut: { label: 'point-in-time', at: run.levelCut?.at } });
  // It may rest between the two as well.
  expect([0, 1]).toContain(Number(a.held('log')) - Number(a.held('data')));
  await eventually('the new one follows', () => Number(b.held('data')) > Number(a.held('data')));
});

test('a slot that somebody else paused leaves at his cut; the cuts are two, and how far apart they lie is told', async () => {
  const { a, turn, writeOn } = await scene('held');
  await pair.call('source', 'transmission.pause', { connectionId: a.id, reason: 'a test' });
  const connections = () => pair.call('source', 'connection.list', null);
  const isPaused = async () => (await connections()).some(({ id, transmission: { kind } }) => id === a.id && kind === 'paused');
  await eventually('it stands at his cut', isPaused);
  writeOn();
  const run = await turn();
  expect(run).toMatchObject({ outcome: 'done', isComplete: true, isSameCut: false });
  expect(run.why).toMatch(/^The cuts of both lie \d+ ms apart: they were not made together\.$/);
  expect([a.held('log'), a.held('data')]).toEqual(['1', '1']);
});
