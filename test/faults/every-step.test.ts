import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { durableSteps, type DurableStep } from '../../src-main/base/index.ts';
import { canClone } from '../support/can-clone.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair, type Side } from '../support/service-pair.ts';

const MEBIBYTE = 1024 * 1024;
const SET = 'made while it died';
const environments: Record<Side, Record<string, string>> = { source: {}, target: {} };
const otherSide: Record<Side, Side> = { source: 'target', target: 'source' };

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start({
    source: { environment: environments.source },
    target: { environment: environments.target },
  });
});
afterAll(async () => {
  await pair.close();
});

afterEach(async () => {
  // One that failed in the middle must not fail those after it.
  await Promise.all([pair.start('source'), pair.start('target')]);
});

/** The sides that come by a step. */
function sidesOf(step: DurableStep): readonly Side[] {
  if (step.startsWith('source.')) return ['source'];
  if (step.startsWith('target.')) return ['target'];
  return ['source', 'target'];
}

/** A file so large that a small patch is written into it instead of a copy; only for the steps of that. */
const huge = { bytes: 16 * MEBIBYTE, steps: ['target.patch.begun', 'target.patch.written'] as readonly DurableStep[] };

function makeTree(root: string, step: DurableStep): void {
  if (huge.steps.includes(step)) writeFileSync(`${root}/huge`, Buffer.alloc(huge.bytes, 'huge'));
  for (const folder of ['docs', 'docs/old', 'moving']) mkdirSync(`${root}/${folder}`);
  for (let i = 0; i < 20; i++) writeFileSync(`${root}/docs/${i}`, `file ${i}`);
  for (let i = 0; i < 5; i++) writeFileSync(`${root}/moving/${i}`, `moving ${i}`);
  writeFileSync(`${root}/large`, Buffer.alloc(5 * MEBIBYTE, 'large'));
}

/** Changes of every kind, so that every step of both sides comes by. `obstacle` is a name at which the target cannot write a file. */
function changeEverything(root: string, round: number, obstacle: string): void {
  for (let i = 0; i < 12; i++) writeFileSync(`${root}/docs/${i}`, `changed ${round}`);
  for (let i = 0; i < 12; i++) writeFileSync(`${root}/docs/new ${round} ${i}`, `new ${i}`);
  writeFileSync(`${root}/streamed`, Buffer.alloc(3 * MEBIBYTE, `streamed ${round}`));
  const fd = openSync(`${root}/large`, 'r+');
  writeSync(fd, Buffer.alloc(70_000, `patched ${round}`), 0, 70_000, 2 * MEBIBYTE + round);
  closeSync(fd);
  appendFileSync(`${root}/large`, `longer ${round}`);
  if (existsSync(`${root}/huge`)) writeFileSync(`${root}/huge`, `round ${round}`, { flag: 'r+' });
  renameSync(`${root}/moving`, `${root}/docs/moved ${round}`);
  renameSync(`${root}/docs/moved ${round}/1`, `${root}/docs/one ${round}`);
  mkdirSync(`${root}/moving`);
  writeFileSync(`${root}/moving/1`, `moving ${round}`);
  rmSync(`${root}/docs/${15 + round}`);
  symlinkSync('nowhere', `${root}/docs/symlink ${round}`);
  linkSync(`${root}/docs/0`, `${root}/docs/second name ${round}`);
  chmodSync(`${root}/docs/13`, 0o600);
  writeFileSync(`${root}/${obstacle}`, `${round}`);
}

/** So many long paths that the target's queue needs another file. */
function fillQueueFile(root: string): void {
  const folder = `${root}/${Array.from({ length: 14 }, (_, i) => `${i}`.padEnd(200, '-')).join('/')}`;
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < 1_700; i++) writeFileSync(`${folder}/${i}`, '');
}

/** Writes to the settings, as far as the service lives and the set is not there yet. */
async function saveASet(side: Side): Promise<void> {
  await pair.tryCall(side, 'set.create', { name: SET });
  await pair.tryCall(side, 'set.add-rule', { name: SET, rule: { path: pair.folder, verdict: 'include', recursive: true } });
  await pair.tryCall(side, 'set.save', { name: SET });
}

/** Starts a service that will end at the step; it may do so before it is ready. */
async function restartArmed(side: Side, step: DurableStep): Promise<void> {
  await pair.stop(side);
  environments[side].UNDERSTUDY_CRASH_AT = step;
  await pair.start(side).catch(() => undefined);
  delete environments[side].UNDERSTUDY_CRASH_AT;
}

if (canClone) console.warn('Files can share blocks here, so that no patch is written in place: the steps of that are left out.');
const reachable = durableSteps.filter((step) => !(canClone && huge.steps.includes(step)));
const cases = reachable.flatMap((step) =>
  sidesOf(step).flatMap((side) => (['alone', 'with the other'] as const).map((how) => ({ step, side, how }))),
);

describe('a service that is killed at a durable step loses nothing', () => {
  test.each(cases)('$step, the $side $how', { timeout: 60_000 }, async ({ step, side, how }) => {
    const name = `${step} ${side} ${how}`;
    const replica = new Replica(pair, name);
    makeTree(replica.source, step);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    const obstacle = 'in the way';
    mkdirSync(`${replica.target}/${obstacle}/inside`, { recursive: true });

    await restartArmed(side, step);
    changeEverything(replica.source, 1, obstacle);
    if (step.startsWith('target.queue.file')) fillQueueFile(replica.source);
    const isDown = () => !pair.services[side].isRunning;
    if (step.startsWith('settings.')) {
      await saveASet(side);
    } else if (step.startsWith('target.release.')) {
      await replica.settled();
      void pair.tryCall('source', 'connection.disconnect', { connectionId: replica.id });
    }
    await eventually(`the ${side} has ended at ${step}`, isDown, 20_000);
    if (how === 'with the other') await pair.kill(otherSide[side]);

    await Promise.all([pair.start('source'), pair.start('target')]);
    rmSync(`${replica.target}/${obstacle}`, { recursive: true, force: true });
    if (step.startsWith('target.release.')) {
      // A source that was killed may not have noted the order; then it is given again.
      if (how === 'with the other') await pair.tryCall('source', 'connection.disconnect', { connectionId: replica.id });
      await eventually('both sides have forgotten the connection', async () => {
        const replicas = await pair.call('target', 'replica.list', null);
        const connections = await pair.call('source', 'connection.list', null);
        return ![...replicas.map(({ connectionId }) => connectionId), ...connections.map(({ id }) => id)].includes(replica.id);
      });
      return;
    }
    changeEverything(replica.source, 2, obstacle);
    appendFileSync(`${replica.source}/docs/0`, 'and more');
    await replica.becomesEqual();
    await replica.when('no problem is left', ({ problemCount }) => problemCount === 0);
    await pair.call('source', 'connection.disconnect', { connectionId: replica.id });
    if (step.startsWith('settings.')) {
      await saveASet(side);
      const sets = await pair.call(side, 'set.list', null);
      expect(sets.filter((set) => set.name === SET)).toHaveLength(1);
      await pair.call(side, 'set.delete', { name: SET });
    }
  });
});
