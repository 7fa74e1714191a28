import { expect, test } from 'vitest';
import type { CertificateSummary } from '../../../../../../src-main/api/index.ts';
import { shownSnapshot } from '../../../../../../src-main/engine/connection/target/snapshots/shown-snapshot.ts';
import { snapshotDraft } from '../../../../../support/snapshot-draft.ts';

test('a certificate proves a snapshot of the very same cut, and none whose numbers are the same by chance', () => {
  const cut = { sequence: 9, at: '2026-11-22T11:00:00.000Z', label: 'point-in-time' } as const;
  const draft = { ...snapshotDraft('/root'), cut, appliedSequence: 9 };
  const record = { version: 1, ...draft, state: 'ready', roots: [], files: 0, bytes: 0, leftOut: 0 } as const;
  const proofBy = (of: Partial<CertificateSummary>) =>
    shownSnapshot(record, () => [{ id: 'proof', appliedSequence: 9, cut, ...of } as CertificateSummary]).certificateId;
  expect(proofBy({})).toBe('proof');
  expect(proofBy({ cut: { ...cut, at: '2026-11-23T11:00:00.000Z' } })).toBeNull();
  expect(proofBy({ appliedSequence: 8 })).toBeNull();
  expect(proofBy({ cut: null })).toBeNull();
});
