import { expect, test } from 'vitest';
import type { CertificateSummary, ReplicaSnapshot } from '../../../src-main/api/index.ts';
import {
  certificateFileName,
  countsWords,
  standstillWord,
  standsStill,
  toStandStill,
} from '../../../src-renderer/text/certificates.ts';
import { snapshot } from '../fake-link.ts';

const since = '2026-01-02T03:04:05.000Z';
const replica = (hold: ReplicaSnapshot['hold']) => ({ hold }) as ReplicaSnapshot;
const held = { owner: 'eva', reason: 'tape', since, isEffective: true };
const cut = { sequence: 7, at: since, label: 'point-in-time' } as const;

test('a replica stands still while it is held, or its source is paused or parked at a cut', () => {
  expect(standsStill(replica(held), undefined)).toBe('it is held by eva');
  const paused = { kind: 'paused', since, owner: '', reason: '', cut } as const;
  expect(standsStill(replica(null), snapshot('1', { transmission: paused }))).toBe('its source is paused at a cut');
  const parked = { kind: 'parked', owner: '', reason: '', since, cut, isComplete: true } as const;
  expect(standsStill(replica(null), snapshot('1', { park: parked }))).toBe('its source is parked at a cut');
  expect(standsStill(replica({ ...held, isEffective: false }), snapshot('1'))).toBeNull();
});

test('what is to be done first depends on whether a hold was ordered', () => {
  expect(toStandStill(replica(null))).toContain('Hold it, or pause or park its source');
  expect(toStandStill(replica({ ...held, isEffective: false }))).toContain('The hold is ordered');
});

test('a certificate says what it proves, what it does not, and why the replica stood still', () => {
  const counts = { files: 2, folders: 1, bytes: 2048, unreadable: 0, kept: 0, orphans: 0 };
  const one = (change: object) => ({ ...counts, setName: 'Web/root', id: '2026', ...change }) as CertificateSummary;
  expect(countsWords(one({}))).toBe('2 files, 1 folder, 2.0 KiB');
  expect(countsWords(one({ unreadable: 1, kept: 3, orphans: 1 }))).toContain(
    '1 entry unreadable, 3 entries kept deleted, 1 orphan',
  );
  expect(standstillWord(one({ standstill: { by: 'hold', owner: 'eva', reason: 'tape' } }))).toBe('held by eva: tape');
  expect(standstillWord(one({ standstill: { by: 'rest', owner: null, reason: null } }))).toBe('nothing came after the cut');
  expect(certificateFileName(one({}))).toBe('Web_root 2026.certificate');
});
