import { describe, expect, test } from 'vitest';
import { onSourcePath, RestoreDraft } from '../../../../src-renderer/features/restores/restore-draft.svelte.ts';
import type { ConsoleLink } from '../../../../src-renderer/api/index.ts';

function begun(draft: RestoreDraft, sourceId: string | null = 'alpha'): unknown[] {
  const calls: unknown[] = [];
  const link = { invoke: (...call: unknown[]) => (calls.push(...call), Promise.resolve({})) } as unknown as ConsoleLink;
  void draft.start(link, sourceId);
  return calls;
}

function ofReplica(change: Partial<RestoreDraft> = {}): RestoreDraft {
  return Object.assign(new RestoreDraft(), { holderId: 'beta', connectionId: 'c1', receiverId: 'alpha' }, change);
}

describe('what is put together for a restore', () => {
  test('a whole replica goes back to where it was, with a plan first', () => {
    const draft = ofReplica();
    expect([draft.whatProblem, draft.filesProblem, draft.whereProblem]).toEqual([null, null, null]);
    expect(begun(draft)).toEqual([
      'replication.restore',
      {
        ...{ holderId: 'beta', receiverId: 'alpha', overwrite: 'different', checksum: false, owners: 'number', plan: true },
        choice: { from: { kind: 'replica', connectionId: 'c1' }, paths: [], to: { kind: 'origin' } },
      },
    ]);
  });

  test('each path is named once, without what a keyboard adds; one that cannot be meant is told', () => {
    const draft = ofReplica({ extent: 'some', pathsText: ' /a/\n\n/a\n/b c ' });
    expect([draft.paths, draft.filesProblem]).toEqual([['/a', '/b c'], null]);
    draft.pathsText = '/a\nb';
    expect(draft.filesProblem).toContain('“b”');
    draft.pathsText = '/a/*.tmp';
    expect(draft.filesProblem).toContain('wildcard');
    draft.pathsText = ' \n';
    expect(draft.filesProblem).toContain('at least one');
  });

  test('a folder never knows where its files were: it needs a place', () => {
    const draft = ofReplica({ fromKind: 'folder', folder: 'backup' });
    expect(draft.whatProblem).not.toBeNull();
    draft.folder = '/backup/';
    expect([draft.whatProblem, draft.whereProblem === null]).toEqual([null, false]);
    draft.base = '/restored';
    expect(draft.whereProblem).toBeNull();
    expect(draft.wanted('beta', 'alpha')).toMatchObject({ what: '/backup', base: '/restored' });
  });

  test('blocks are compared only where differences count', () => {
    expect(ofReplica({ checksum: true, overwrite: 'always' }).how.checksum).toBe(false);
    expect(ofReplica({ checksum: true }).how.checksum).toBe(true);
  });

  test('a drill always has a folder, and asks the source only of a replica that has one', () => {
    const draft = ofReplica({ kind: 'drill', files: '0', base: '/scratch', seed: ' spring ' });
    expect(draft.filesProblem).toContain('from 1 to 500');
    draft.files = '7';
    const order = { holderId: 'beta', receiverId: 'alpha', folder: '/scratch', owners: 'number', files: 7, seed: 'spring' };
    const from = { kind: 'replica', connectionId: 'c1' };
    expect(begun(draft)).toEqual(['replication.drill', { ...order, from, sourceId: 'alpha' }]);
    draft.comparesSource = false;
    draft.seed = '';
    expect(begun(draft)).toEqual(['replication.drill', { ...order, from, seed: null, sourceId: null }]);
  });
});

test('what is picked in a replica goes by its path on the source', () => {
  const roots = [
    { from: '/data', to: '/replica/data' },
    { from: '/', to: '/all' },
  ];
  expect(onSourcePath('/replica/data/x/y', roots)).toBe('/data/x/y');
  expect(onSourcePath('/replica/data', roots)).toBe('/data');
  expect(onSourcePath('/all/etc', roots)).toBe('/etc');
  expect(onSourcePath('/replica/database', roots)).toBe('/replica/database');
});
