import type { SnapshotDraft } from '../../src-main/engine/snapshots/index.ts';

let day = 10;

/** A snapshot of this root that is to be taken; each is later than the one before. */
export function snapshotDraft(root: string, connectionId = 'c'): SnapshotDraft {
  const takenAt = `2026-11-${day++}T11:00:00.000Z`;
  return {
    id: takenAt.replaceAll(':', '-').replace('.', '-'), connectionId, setName: 'files', sourceName: 'alpha', takenAt, takenBy: 'eva', name: '',
    isScheduled: false, isGood: true, cut: null, appliedSequence: 1, roots: [{ from: '/files', to: root }],
  }; // prettier-ignore
}
