import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { initialConnectionSettings } from '../../../../../src-main/api/index.ts';
import { SyncRope } from '../../../../../src-main/engine/capture/index.ts';
import { SharedCapture } from '../../../../../src-main/engine/connection/source/shared-capture.ts';
import type { FromCapture } from '../../../../../src-main/engine/connection/source/source-protocol.ts';
import { eventually } from '../../../../support/eventually.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

function start(captures: SharedCapture, root: string, method: 'auto' | 'inotify' = 'auto') {
  const bell = `${tempFolder()}/bell`;
  const broke: Error[] = [];
  const task = {
    setName: 'a',
    roots: [root],
    rules: [{ path: root, verdict: 'include', recursive: true }] as const,
    volumes: [],
    settings: { ...initialConnectionSettings.capture, method },
    bell,
  };
  const { port, end } = captures.start(task, (error) => broke.push(error));
  const messages: FromCapture[] = [];
  port.on('message', (message: FromCapture) => messages.push(message));
  onTestFinished(end);
  const started = async () =>
    (await eventually('started', () => messages.find(({ kind }) => kind === 'started'))) as { method: string };
  const told = () =>
    messages
      .flatMap((message) => (message.kind === 'notices' ? message.notices : []))
      .map((notice) => ('place' in notice ? notice.place.path : ''));
  return { bell, broke, messages, end, started, told };
}

test('connections with one thread are each told what concerns them, and each gets its own sync points', async () => {
  const captures = new SharedCapture();
  const folder = tempFolder();
  mkdirSync(`${folder}/inner`);
  const [outer, inner, other] = [start(captures, folder), start(captures, `${folder}/inner`), start(captures, folder, 'inotify')];
  await Promise.all([outer.started(), inner.started(), other.started()]);
  writeFileSync(`${folder}/inner/f`, 'x');
  const rope = SyncRope.grasp(inner.bell);
  expect(rope?.pull(7)).toBe(true);
  await eventually('the answer', () => inner.messages.find((message) => message.kind === 'synced'));
  expect(inner.told()).toContain('f');
  await eventually('the others', () => outer.told().includes('inner/f') && other.told().includes('inner/f'));
  expect(outer.messages.some((message) => message.kind === 'synced')).toBe(false);
  rope?.release();

  await inner.end();
  const before = inner.told().length;
  writeFileSync(`${folder}/inner/g`, 'x');
  await eventually('the rest go on', () => outer.told().includes('inner/g') && other.told().includes('inner/g'));
  expect(inner.told()).toHaveLength(before);
  await Promise.all([outer.end(), other.end()]);
  // The thread has ended with its last connection; another one begins with the next.
  const again = start(captures, folder);
  await again.started();
  expect([...outer.broke, ...inner.broke, ...again.broke]).toEqual([]);
});

test('a root that is not there is told to its own connection only', async () => {
  const captures = new SharedCapture();
  const folder = tempFolder();
  const good = start(captures, folder);
  const bad = start(captures, `${folder}/none`);
  await good.started();
  const failure = await eventually('the failure', () => bad.messages.find(({ kind }) => kind === 'failed'));
  expect(failure).toEqual({ kind: 'failed', code: 'not-found', details: { path: `${folder}/none` } });
  writeFileSync(`${folder}/f`, 'x');
  await eventually('a notice', () => good.told().includes('f'));
});

test('what cannot be shared has a thread of its own that takes another method', async () => {
  const captures = new SharedCapture();
  const shared = start(captures, tempFolder());
  await shared.started();
  const apart = start(captures, '/proc/sys/kernel');
  expect((await apart.started()).method).toBe('inotify');
  await apart.end();
  expect([...shared.broke, ...apart.broke]).toEqual([]);
});
