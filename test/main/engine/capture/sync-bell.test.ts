import { expect, onTestFinished, test } from 'vitest';
import { SyncBell, SyncRope } from '../../../../src-main/engine/capture/index.ts';
import { loadLibc } from '../../../../src-main/engine/fs/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

test('the newest request and the last word about writers are heard, in one look', ({ skip }) => {
  const path = `${tempFolder()}/bell`;
  const bell = SyncBell.make(path);
  if (bell === null) return skip('NOT TESTED HERE: no named pipes');
  const rope = SyncRope.grasp(path);
  onTestFinished(() => {
    rope?.release();
    bell.close();
  });
  expect(bell.take()).toEqual({ request: null, writers: null });
  rope?.holdWriters(10);
  rope?.pull(7);
  rope?.pull(8);
  expect(bell.take()).toEqual({ request: 8, writers: { holdMs: 10 } });
  rope?.holdWriters(20);
  rope?.releaseWriters();
  expect(bell.take()).toEqual({ request: null, writers: 'release' });
});

test('a nudge asks nothing, and ends a wait', ({ skip }) => {
  const path = `${tempFolder()}/bell`;
  const bell = SyncBell.make(path);
  const poll = loadLibc()?.bind('int poll(uint8_t *fds, unsigned long count, int timeout)');
  if (bell === null || poll === undefined) return skip('NOT TESTED HERE: no named pipes');
  const rope = SyncRope.grasp(path);
  onTestFinished(() => {
    rope?.release();
    bell.close();
  });
  const fds = Buffer.alloc(8);
  fds.writeInt32LE(bell.fd, 0);
  fds.writeInt16LE(1, 4); // POLLIN
  expect(poll(fds, 1, 0)).toBe(0);
  expect(rope?.nudge()).toBe(true);
  expect(poll(fds, 1, 0)).toBe(1);
  expect(bell.take()).toEqual({ request: null, writers: null });
  expect(poll(fds, 1, 0)).toBe(0);
});
