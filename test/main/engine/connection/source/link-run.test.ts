import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { initialConnectionSettings, type Cut } from '../../../../../src-main/api/index.ts';
import { SourceSession } from '../../../../../src-main/engine/connection/source/source-session.ts';
import { createBlockHasher } from '../../../../../src-main/engine/fs/index.ts';
import type { Notice } from '../../../../../src-main/engine/model/index.ts';
import { LineMeter } from '../../../../../src-main/engine/transmit/index.ts';
import type { WireOp } from '../../../../../src-main/engine/wire/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { FakeTarget } from '../../../../support/fake-target.ts';
import { idleScouts } from '../../../../support/idle-scouts.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';
import { testIdentity } from '../../../../support/test-identity.ts';

/** A source's whole side over a folder; the test is its capture and its target. */
async function open() {
  const folder = tempFolder();
  const own = tempFolder();
  const [identity, targetIdentity] = await Promise.all([testIdentity('alpha'), testIdentity('beta')]);
  const target = await FakeTarget.open(targetIdentity);
  const session = new SourceSession({
    spec: {
      version: 1, id: 'link-run', setName: 'files', rules: [{ path: folder, verdict: 'include', recursive: true }],
      map: { kind: 'base', base: '/replica' }, roots: [{ from: folder, to: '/replica' }], warnings: [], sourceName: 'alpha', targetName: 'beta',
      targetHost: '127.0.0.1', targetDataPort: target.port, targetFingerprint: targetIdentity.fingerprint, createdAt: new Date(0).toISOString(),
      hold: null, park: null, settings: initialConnectionSettings,
    },
    identity, volumes: [], catalogFile: `${own}/catalog`, verifyFolder: `${own}/verify`, planFolder: `${own}/plan`, queueFolder: `${own}/queue`,
    mirror: null, isNew: true, hasRun: false, hasher: await createBlockHasher(), scouts: idleScouts, meter: new LineMeter(), isGateOpen: true, post: () => undefined,
  }); // prettier-ignore
  const running = session.run();
  onTestFinished(async () => {
    session.stop();
    await running;
    target.close();
  });
  session.fromCapture({ kind: 'started', method: 'the test', why: '' });
  const notice = (...notices: readonly Notice[]) => session.fromCapture({ kind: 'notices', at: Date.now(), notices });
  const place = (path: string) => ({ root: 0, path });
  return { folder, session, target, notice, place };
}

test('what was under way when the target did not understand is sent again, although it counts as received', async () => {
  const { folder, target, notice, place } = await open();
  writeFileSync(`${folder}/a`, 'content');
  notice({ kind: 'touched', place: place('a'), content: true });
  await target.welcome(1, 0);
  await target.op('a is sent', (op) => op.kind === 'write' && op.path === 'a');
  const sent = target.ops.length;
  target.send({ kind: 'refused', code: 'protocol-error', details: {} });
  target.cut();
  await target.welcome(2, target.lastSequence);
  await target.op('a is sent again', (op) => op.kind === 'write' && op.path === 'a', sent);
});

test('a failure that is told together with the welcome puts in doubt what the catalog has after the link is settled', async () => {
  const { folder, target, notice, place } = await open();
  mkdirSync(`${folder}/d`);
  writeFileSync(`${folder}/d/x`, 'content');
  notice({ kind: 'appeared', place: place('d') });
  await target.welcome(1, 0);
  const { sequence } = await target.op('x is sent', (op) => op.kind === 'write' && op.path === 'd/x');
  target.acknowledge(sequence);
  renameSync(`${folder}/d`, `${folder}/e`);
  notice({ kind: 'renamed', from: place('d'), to: place('e'), isFolder: true });
  await target.op('the move is sent', (op) => op.kind === 'rename');
  const sent = target.ops.length;
  target.cut();
  await target.welcome(2, sequence, { kind: 'failed', sequence, root: 0, path: 'd/x', code: 'permission-denied', details: {} });
  await target.op('x is sent again', (op) => op.kind === 'write' && op.path === 'e/x', sent);
});

test('a cut that is sought right after a lost link holds what was in doubt, also where a move changed its path meanwhile', async () => {
  const { folder, session, target, notice, place } = await open();
  mkdirSync(`${folder}/d`);
  writeFileSync(`${folder}/d/x`, 'content');
  notice({ kind: 'appeared', place: place('d') });
  await target.welcome(1, 0);
  await target.op('d and x are sent', (op) => op.kind === 'attributes' && op.path === 'd');
  chmodSync(`${folder}/d/x`, 0o600);
  notice({ kind: 'touched', place: place('d/x'), content: false });
  const change = await target.op('its change is sent', (op) => op.kind === 'attributes' && op.path === 'd/x');
  const sent = target.ops.length;
  target.cut();
  await eventually('the link is down', () => session.state().link.kind === 'down');
  renameSync(`${folder}/d`, `${folder}/e`);
  notice({ kind: 'renamed', from: place('d'), to: place('e'), isFolder: true });
  session.command({ kind: 'pause-transmission', owner: 'nightly', reason: 'tape' });
  await target.welcome(2, change.sequence - 1);
  await target.op('the move is sent', (op) => op.kind === 'rename', sent);
  const end = await target.op('the cut is made', (op) => op.kind === 'barrier', sent);
  const x = target.ops.slice(sent).find((op) => op.kind === 'write' && op.path === 'e/x');
  expect(x?.sequence).toBeLessThan(end.sequence);
});

test('a link that the target ends in the middle of a file is no problem of the file', async () => {
  const { folder, session, target, notice, place } = await open();
  writeFileSync(`${folder}/a`, Buffer.alloc(64 * 1024 * 1024, 1));
  notice({ kind: 'touched', place: place('a'), content: true });
  await target.welcome(1, 0);
  await eventually('a is being sent', () => target.pieces > 0);
  target.send({ kind: 'refused', code: 'io-error', details: {} });
  await eventually('the link is down', () => session.state().link.kind === 'down');
  expect(session.state().problems).toEqual([]);
  const { pieces } = target;
  await target.welcome(2, 0);
  await eventually('a is sent again', () => target.pieces > pieces);
});

test.each(['goes on', 'is paused'])('the times of folders follow while a mirror %s that is at a large file', async (how) => {
  const { folder, session, target, notice, place } = await open();
  mkdirSync(`${folder}/d`);
  writeFileSync(`${folder}/large`, Buffer.alloc(16 * 1024 * 1024, 1));
  await target.welcome(1, 0);
  session.command({ kind: 'start-mirror', options: { kind: 'all' } });
  await eventually('the large file is being sent', () => target.pieces > 0);
  if (how === 'is paused') session.command({ kind: 'pause-mirror' });
  writeFileSync(`${folder}/d/x`, 'content');
  notice({ kind: 'touched', place: place('d/x'), content: true });
  const { sequence } = await target.op('x is sent', (op) => op.kind === 'write' && op.path === 'd/x');
  await target.op('the folder has its time', (op) => op.kind === 'attributes' && op.path === 'd' && op.sequence > sequence);
});

test('the target is told that the replica is whole when a mirror is applied and not before, and again with each link', async () => {
  const { folder, session, target } = await open();
  writeFileSync(`${folder}/a`, 'content');
  await target.welcome(1, 0);
  session.command({ kind: 'start-mirror', options: { kind: 'all' } });
  const { sequence } = await target.op('a is sent', (op) => op.kind === 'write' && op.path === 'a');
  expect(target.wholes).not.toContain(true);
  await eventually('it is told', () => {
    target.acknowledge(target.lastSequence);
    return target.wholes.at(-1) === true;
  });
  const told = target.wholes.length;
  target.cut();
  await target.welcome(2, sequence);
  await eventually('it is told again', () => target.wholes.length > told);
});

test('what changes again and again while its last version is not applied yet goes when that is, and what changed after it follows', async () => {
  const { folder, target, notice, place } = await open();
  const isHot = (op: WireOp) => op.kind === 'write' && op.path === 'hot';
  const touch = (path: string, content: string) => {
    writeFileSync(`${folder}/${path}`, content);
    notice({ kind: 'touched', place: place(path), content: true });
  };
  touch('hot', '1');
  await target.welcome(1, 0);
  const { sequence } = await target.op('the first version', isHot);
  const sent = target.ops.length;
  for (let bytes = 2; bytes <= 40; bytes++) {
    touch('hot', 'x'.repeat(bytes));
    await delay(2);
  }
  touch('cold', 'after it');
  target.acknowledge(sequence);
  const cold = await target.op('what came last', (op) => op.kind === 'write' && op.path === 'cold', sent);
  const versions = target.ops.slice(sent).filter(isHot);
  expect(versions.at(-1)).toMatchObject({ size: 40 });
  expect(versions.at(-1)?.sequence).toBeLessThan(cold.sequence);
  // One; more where the test itself was kept from the processor for long.
  expect(versions.length).toBeLessThan(8);
});

test('after a revert that the target tells of nothing is sent of what changes, until a mirror is started', async () => {
  const { folder, session, target, notice, place } = await open();
  writeFileSync(`${folder}/a`, 'content');
  target.reverted = 'r1';
  await target.welcome(1, 0);
  notice({ kind: 'touched', place: place('a'), content: true });
  await eventually('it is told that the replica is not whole', () => target.wholes.length > 0);
  session.command({ kind: 'start-mirror', options: { kind: 'all' } });
  await eventually('the mirror is complete', () => {
    target.acknowledge(target.lastSequence);
    return target.wholes.at(-1) === true;
  });
  expect(target.wholes[0]).toBe(false);
  expect(target.ops.filter((op) => op.kind === 'write' && op.path === 'a')).toHaveLength(1);
});

test('a pause whose replica was set back stands no more at the cut that it had', async () => {
  const { folder, session, target, notice, place } = await open();
  writeFileSync(`${folder}/a`, 'content');
  await target.welcome(1, 0);
  session.command({ kind: 'start-mirror', options: { kind: 'all' } });
  await target.op('a is sent', (op) => op.kind === 'write' && op.path === 'a');
  session.command({ kind: 'pause-transmission', owner: 'nightly', reason: 'tape' });
  const paused = (what: string, fits: (cut: Cut) => boolean) =>
    eventually(what, () => {
      target.acknowledge(target.lastSequence);
      const { transmission } = session.state();
      return transmission.kind === 'paused' && fits(transmission.cut) ? transmission : null;
    });
  const { cut } = await paused('it stands', () => true);
  target.cut();
  await target.welcome(2, target.lastSequence);
  await eventually('the link is up', () => session.state().link.kind === 'up');
  expect(session.state().transmission).toMatchObject({ kind: 'paused', cut });
  target.reverted = 'r1';
  target.cut();
  await target.welcome(3, target.lastSequence);
  const later = await paused('it stands at another', ({ sequence }) => sequence > cut.sequence);
  expect(later).toMatchObject({ owner: 'nightly', cut: { label: 'file-level' } });
  notice({ kind: 'touched', place: place('a'), content: true });
  expect(target.ops.filter((op) => op.kind === 'write')).toHaveLength(1);
});
