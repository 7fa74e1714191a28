import type { BackupView, BackupWindow } from '../../src-main/api/index.ts';

const at = '2026-11-27T02:00:00.000Z';

export function backupWindow(change: Partial<BackupWindow> = {}): BackupWindow {
  return {
    ...{
      id: 'w',
      connectionId: '1',
      method: 'pause',
      owner: 'nightly',
      reason: '',
      begunAt: at,
      maxMinutes: 120,
      isOverdue: false,
    },
    ...{ state: 'open', why: '', cut: { sequence: 7, at, label: 'point-in-time' } },
    ...change,
  };
}

export function backupView(connectionId: string, change: Partial<BackupView> = {}): BackupView {
  return {
    ...{ name: 'Documents to beta', connectionId, setName: 'Documents', sourceName: 'alpha', targetName: 'beta' },
    ...{ targetFingerprint: 'AB:CD', roots: [], verdict: { kind: 'go', why: '', nextStep: '' }, method: 'pause' },
    ...{ copy: null, window: null, others: [] },
    ...change,
  };
}
