import type { CallResult, KeptDeletedEntry, ReplicaDrift } from '../../../src-main/api/index.ts';
import { ago } from './samples.ts';

/** What a source deleted and a replica kept. */
export function keptDeleted(): readonly KeptDeletedEntry[] {
  return Array.from({ length: 30 }, (_, at) => ({
    path: `/replicas/alpha/srv/documents/${at % 2 === 0 ? 'drafts' : 'letters'}/${at}.odt`,
    kind: 'file',
    bytes: 18_200,
    modifiedAt: ago(9_000_000 + at),
    deletedAt: ago(80_000 * at),
    setName: 'Documents',
  }));
}

/** What a search for orphans found. */
export function orphans(): CallResult<'replica.orphans'> {
  return {
    search: {
      startedAt: ago(500),
      endedAt: ago(470),
      found: 2,
      foundBytes: 36_400,
      deleted: 1,
      moved: 0,
      left: 1,
    },
    entries: [
      {
        path: '/replicas/alpha/srv/documents/old.odt',
        kind: 'file',
        bytes: 18_200,
        modifiedAt: ago(9_000_000),
        outcome: 'deleted',
        why: '',
      },
      {
        path: '/replicas/alpha/srv/documents/new.odt',
        kind: 'file',
        bytes: 18_200,
        modifiedAt: ago(900),
        outcome: 'stayed',
        why: 'it was changed 15 minutes ago',
      },
    ],
  };
}

/** What somebody else did to a replica. */
export function drift(): ReplicaDrift {
  const sent = { size: 18_200, modified: ago(90_000) };
  return {
    count: 214,
    newest: [
      {
        path: '/replicas/alpha/srv/documents/2026/letters/to-the-bank.odt',
        at: ago(2400),
        what: 'changed',
        expected: sent,
        found: { size: 17_950, modified: ago(3600) },
        then: 'replaced',
      },
      {
        path: '/replicas/alpha/srv/documents/2026/invoices/0412.pdf',
        at: ago(9000),
        what: 'missing',
        expected: sent,
        found: null,
        then: 'replaced',
      },
    ],
  };
}
