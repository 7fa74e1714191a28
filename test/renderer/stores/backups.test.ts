import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BackupView, KnownServer } from '../../../src-main/api/index.ts';
import { backupRows } from '../../../src-renderer/stores/backup-rows.ts';
import { Backups } from '../../../src-renderer/stores/backups.svelte.ts';
import { Services } from '../../../src-renderer/stores/services.svelte.ts';
import { backupView, backupWindow } from '../backup-view.ts';
import { FakeLink, server } from '../fake-link.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nothing = () => [];

async function open(views: () => readonly BackupView[], servers: readonly KnownServer[] = [server('alpha')]) {
  const lists = { 'connection.list': nothing, 'replica.list': nothing, 'set.list': nothing, 'rotation.list': nothing };
  const link = new FakeLink({ ...lists, 'servers.list': () => servers, 'backup.list': nothing, 'backup.views': views });
  const services = new Services(link);
  await services.reload();
  await vi.advanceTimersByTimeAsync(1);
  const asked = () => link.calls.filter(({ name }) => name === 'backup.views').length;
  return { backups: new Backups(link, services), asked };
}

test('a server is asked at once, and however often after that once a second', async () => {
  const { backups, asked } = await open(() => [backupView('1')]);
  expect(backups.isSettled).toBe(false);
  for (let times = 0; times < 5; times++) backups.ask('alpha');
  await vi.advanceTimersByTimeAsync(10);
  expect([asked(), backups.isSettled, backups.rows.length]).toEqual([1, true, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked()).toBe(2);
});

test('one that does not answer is named with the reason, and what it said before is not shown as if it were true', async () => {
  let fails = false;
  const { backups } = await open(() => {
    if (fails) throw Object.assign(new Error('gone'), { code: 'link-lost', text: 'The line broke.' });
    return [backupView('1')];
  });
  backups.ask('alpha');
  await vi.advanceTimersByTimeAsync(2_000);
  fails = true;
  backups.ask('alpha');
  await vi.advanceTimersByTimeAsync(2_000);
  expect([backups.rows, backups.failures.map(({ name }) => name), backups.isSettled]).toEqual([[], ['alpha'], true]);
});

test('what a call answered is shown at once, and a hold that was ended is forgotten', async () => {
  const { backups } = await open(() => [backupView('1'), backupView('2')]);
  backups.ask('alpha');
  await vi.advanceTimersByTimeAsync(10);
  const window = backupWindow({ method: 'hold' });
  backups.place('alpha', backupView('1', { window }));
  expect(backups.rows.map(({ view, holderId }) => [view.connectionId, view.window?.method, holderId])).toEqual([
    ['1', 'hold', 'alpha'],
    ['2', undefined, null],
  ]);
  backups.forgetHold('alpha', '1');
  expect(backups.rows.every(({ view }) => view.window === null)).toBe(true);
});

test('a hold that its target tells of is laid over what the source says, and stands alone where no source is heard', () => {
  const copy = { at: '', ageMs: 0, label: 'file-level' } as const;
  const go = { kind: 'go', why: '', nextStep: '' } as const;
  const held = (id: string) =>
    backupView(id, { name: 'of the target', window: backupWindow({ method: 'hold' }), method: 'hold', verdict: go });
  const source = backupView('1', { verdict: { kind: 'no', why: 'x', nextStep: 'y' }, copy, others: ['connection 2 to gamma'] });
  const rows = backupRows([
    { serverId: 'beta', view: held('1') },
    { serverId: 'alpha', view: source },
    { serverId: 'beta', view: held('9') },
  ]);
  expect(rows).toEqual([
    { serverId: 'alpha', holderId: 'beta', view: { ...source, verdict: go, method: 'hold', window: held('1').window } },
    { serverId: 'beta', holderId: 'beta', view: held('9') },
  ]);
});
