import { expect, onTestFinished, test } from 'vitest';
import { SyncBell, SyncRope } from '../../../../src-main/engine/capture/index.ts';
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
