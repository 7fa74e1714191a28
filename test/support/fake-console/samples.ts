import { initialConnectionSettings } from '../../../src-main/api/index.ts';
import type {
  ConnectionSnapshot,
  ConnectionStatistics,
  FolderEntry,
  Halt,
  KnownServer,
  MappedRoot,
  Preservation,
  PreservedProperty,
  PreservedReport,
  Problem,
  ReplicationSet,
} from '../../../src-main/api/index.ts';
import { quietLine } from '../quiet-line.ts';

/** Believable things for a console to show. Times count back from the moment they are asked for. */
export function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}

export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString().padStart(12, '0')}`;
}

/** The certificate of a toy server: its name's first letter makes it its own. */
export function fingerprintOf(server: string): string {
  const bytes = Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256);
  return [...bytes.slice(0, -1), server.charCodeAt(0)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}

export function servers(): KnownServer[] {
  const unreachable: Problem = {
    code: 'unreachable',
    path: null,
    cause: 'gamma.example:6320 does not answer: connection refused.',
    since: ago(5400),
    effect: 'Nothing can be seen or changed on gamma from here. Its own connections may well go on.',
    nextStep: 'Check that the service runs on gamma and that no firewall closes port 6320. The console tries again by itself.',
  };
  const known = (id: string, address: string, state: KnownServer['state'], isEmbedded = false): KnownServer => ({
    id,
    name: id,
    address,
    fingerprint: fingerprintOf(id),
    isEmbedded,
    state,
  });
  return [
    known('alpha', '127.0.0.1:6320', { kind: 'online', since: ago(90_000), role: 'admin', user: 'console' }, true),
    known('beta', 'beta.example:6320', { kind: 'online', since: ago(7200), role: 'admin', user: 'ops' }),
    known('gamma', 'gamma.example:6320', { kind: 'unreachable', since: ago(5400), problem: unreachable }),
    known('delta', 'delta.example:6320', { kind: 'login-required', since: ago(1800), problem: null }),
    known('epsilon', '10.0.4.17:6320', { kind: 'online', since: ago(600), role: 'monitor', user: 'watch' }),
  ];
}

const quiet: ConnectionStatistics = {
  queuedOps: 0,
  queuedBytes: 0,
  queuedDiskOps: 0,
  queuedDiskBytes: 0,
  inFlightOps: 0,
  inFlightBytes: 0,
  targetQueueOps: 0,
  targetQueueBytes: 0,
  appliedOps: 18_412,
  appliedBytes: 48_318_382_080,
  sentBytes: 48_318_382_080,
  sentOps: 18_412,
  sentMirrorBytes: 47_244_640_256,
  sentReplicationBytes: 1_073_741_824,
  plainBytes: 48_318_382_080,
  wireBytes: 48_318_382_080,
  bytesPerSec: 0,
  sentSequence: 18_412,
  receivedSequence: 18_412,
  appliedSequence: 18_412,
  latencyMs: { p50: 38, p99: 210 },
  lastPath: '/srv/documents/2026/contracts/summary.odt',
};

export function connection(
  number: number,
  setName: string,
  targetName: string,
  change: Partial<ConnectionSnapshot> = {},
): ConnectionSnapshot {
  const from = `/srv/${setName.toLowerCase().replaceAll(' ', '-')}`;
  return {
    id: uuid(number),
    number,
    setName,
    sourceName: 'alpha',
    targetName,
    targetAddress: `${targetName}.example:6321`,
    targetFingerprint: fingerprintOf(targetName),
    map: { kind: 'base', base: '/replicas/alpha' },
    roots: [{ from, to: `/replicas/alpha${from}` }],
    warnings: [],
    connectedSince: ago(86_400),
    link: { kind: 'up', since: ago(7200) },
    transmission: { kind: 'active', since: ago(86_400) },
    mirror: { kind: 'idle', lastCompletedAt: ago(80_000) },
    holds: [],
    disconnection: null,
    park: null,
    queue: { memoryBytes: 0, diskBytes: 0, roomBytes: 1e9, percent: 0, bytesPerSec: 0, fullInMs: null },
    orphans: null,
    replication: 'replicating',
    targetData: 'good',
    consistency: 'file-level',
    consistencyWhy: '',
    hooks: { state: 'off', since: new Date(0).toISOString(), last: null },
    capture: {
      method: 'inotify',
      why: 'Linux without the rights for fanotify.',
      clones: { state: 'works', why: '', made: 12, cuts: 5 },
    },
    halt: null,
    problems: [],
    problemCount: 0,
    verify: { run: null, last: null, nextAt: null },
    plan: { run: null, last: null, question: null },
    notCarried: [],
    statistics: quiet,
    settings: initialConnectionSettings,
    line: quietLine(),
    ...change,
  };
}

const halt: Halt = {
  code: 'mass-change',
  path: '/srv/archive',
  cause: 'The folder /srv/archive is empty: all of its 52,301 files are gone.',
  since: ago(340),
  effect: 'Nothing is deleted in the replica until you answer. Changes keep being captured.',
  nextStep: 'Look whether the disk is mounted.',
  answers: [
    { id: 'wait', label: 'Wait for the files', effect: 'The source looks again every minute and goes on when they are back.' },
    { id: 'delete', label: 'The files are really gone', effect: 'All 52,301 files are deleted in the replica too.' },
  ],
};

export function problems(count: number): Problem[] {
  return Array.from({ length: count }, (_, at) => ({
    code: at % 3 === 0 ? 'permission-denied' : 'busy',
    path: `/srv/mail/box-${at}/index.lock`,
    cause: at % 3 === 0 ? 'The file cannot be read: permission denied.' : 'The file is in use on the target.',
    since: ago(60 + at * 97),
    effect: 'The replica keeps the older version of this file. All other files go on.',
    nextStep: at % 3 === 0 ? 'Give the service the right to read the file.' : 'Nothing: it is tried again every few seconds.',
  }));
}

export function connections(): ConnectionSnapshot[] {
  return [
    connection(1, 'Documents', 'beta', {
      warnings: ['/replicas on beta is on the same disk as its service: a full replica would stop the service too.'],
      notCarried: [
        { kind: 'socket', count: 2, examples: ['/srv/documents/.run/editor.sock', '/srv/documents/.run/index.sock'] },
        {
          kind: 'immutable',
          count: 14,
          examples: ['/srv/documents/2025/closed/ledger.ods', '/srv/documents/2025/closed/vat.ods'],
        },
      ],
    }),
    connection(2, 'Databases', 'beta', {
      targetData: 'mirroring',
      mirror: {
        kind: 'mirroring',
        options: { kind: 'checksum' },
        startedAt: ago(900),
        calculatedBytes: 107_374_182_400,
        calculatedFiles: 12_033,
        sentBytes: 21_474_836_480,
        skippedBytes: 24_159_191_040,
        remainingBytes: 61_740_154_880,
        sentFiles: 2410,
        skippedFiles: 2706,
        percent: 42.4,
        bytesPerSec: 48_234_496,
        timeLeftMs: 1_280_000,
      },
      statistics: { ...quiet, bytesPerSec: 48_234_496, queuedOps: 1204, queuedBytes: 912_680_550, latencyMs: null },
    }),
    connection(3, 'Web root', 'beta', {
      transmission: {
        kind: 'paused',
        since: ago(1260),
        owner: 'nightly-backup',
        reason: 'Backup of the replica',
        cut: { sequence: 18_412, at: ago(1259), label: 'point-in-time' },
      },
      statistics: { ...quiet, queuedOps: 311, queuedBytes: 48_201_110 },
    }),
    connection(4, 'Mail', 'gamma', {
      link: { kind: 'down', since: ago(5400), cause: 'gamma.example:6321 does not answer: connection refused.', retryInMs: 8000 },
      targetData: 'mirror-required',
      problems: problems(100),
      problemCount: 214,
      statistics: { ...quiet, queuedOps: 90_212, queuedBytes: 7_301_444_098 },
    }),
    connection(5, 'Archive', 'beta', { replication: 'halted', halt, targetData: 'unknown' }),
    connection(6, 'Home folders of the whole department', 'beta', {
      mirror: {
        kind: 'calculating',
        options: { kind: 'different' },
        startedAt: ago(4),
        calculatedBytes: null,
        calculatedFiles: null,
        sentBytes: 120_000_000,
        skippedBytes: 0,
        remainingBytes: null,
        sentFiles: 310,
        skippedFiles: 0,
        percent: null,
        bytesPerSec: 31_000_000,
        timeLeftMs: null,
      },
      targetData: 'mirroring',
    }),
  ];
}

export function sets(): ReplicationSet[] {
  const set = (name: string, change: Partial<ReplicationSet> = {}): ReplicationSet => ({
    name,
    rules: [{ path: `/srv/${name.toLowerCase().replaceAll(' ', '-')}`, verdict: 'include', recursive: true }],
    saved: true,
    connectionIds: [],
    size: { files: 18_231, folders: 1290, bytes: 48_318_382_080, at: ago(90_000) },
    ...change,
  });
  return [
    set('Documents', {
      rules: [
        { path: '/srv/documents', verdict: 'include', recursive: true },
        { path: '/srv/documents/scratch', verdict: 'exclude', recursive: true },
        { path: '/srv/documents/*.tmp', verdict: 'exclude', recursive: true },
      ],
      connectionIds: [uuid(1)],
    }),
    set('Databases', { connectionIds: [uuid(2)] }),
    set('Web root', { connectionIds: [uuid(3)] }),
    set('Mail', { connectionIds: [uuid(4)], size: null }),
    set('Archive', { connectionIds: [uuid(5)] }),
    set('Reports', { saved: false, size: null }),
  ];
}

const tree: Readonly<Record<string, readonly string[]>> = {
  '/': ['etc', 'home', 'srv', 'var'],
  '/etc': ['nginx', 'ssl'],
  '/home': ['ann', 'ben'],
  '/home/ann': ['Documents', 'Pictures'],
  '/srv': ['archive', 'databases', 'documents', 'mail', 'many', 'reports', 'web-root'],
  '/srv/documents': ['2025', '2026', 'scratch', 'templates'],
  '/srv/documents/2026': ['contracts', 'invoices', 'letters'],
  '/srv/many': Array.from({ length: 20_000 }, (_, at) => `folder ${at.toString().padStart(5, '0')}`),
};

/** A folder's entries; null when there is no such folder. */
export function listFolder(path: string | null, files: boolean): FolderEntry[] | null {
  const entry = (folder: string, name: string, kind: FolderEntry['kind'], size = 0): FolderEntry => {
    const whole = `${folder === '/' ? '' : folder}/${name}`;
    return { name, path: whole, kind, size, hasChildren: kind === 'folder' };
  };
  if (path === null) {
    return [
      { name: 'C:', path: 'c:\\', kind: 'volume', size: 0, hasChildren: true },
      { name: '/', path: '/', kind: 'folder', size: 0, hasChildren: true },
    ];
  }
  if (path === 'c:\\') return [{ name: 'data', path: 'c:\\data', kind: 'folder', size: 0, hasChildren: false }];
  if (path === '/etc/ssl') return null;
  const folders = (tree[path] ?? []).map((name) => entry(path, name, 'folder'));
  const names = files ? ['readme.txt', 'notes\\nwith a line end.md', 'übersicht.ods'] : [];
  return [...folders, ...names.map((name, at) => entry(path, name, 'file', 1200 * (at + 1) ** 5))];
}

/** What becomes of some properties between ext4 and a file system that knows less. */
export function preserved(roots: readonly MappedRoot[]): PreservedReport {
  const property = (id: string, what: string, result: Preservation, note = ''): PreservedProperty => ({
    id,
    what,
    source: 'yes',
    target: result === 'lost' ? 'no' : 'yes',
    result,
    note,
  });
  return {
    connectionId: uuid(1),
    askedAt: ago(40),
    roots: roots.map(({ from, to }) => ({
      from,
      to,
      sourceFileSystem: 'ext4',
      targetFileSystem: 'vfat',
      properties: [
        property('times', 'Modification times', 'partly', 'The target keeps two seconds.'),
        property('acl', 'Access control lists', 'lost', 'The target cannot hold them; the mode is kept.'),
        property('sparse', 'Holes in files', 'kept'),
        property('flags', 'Immutable and append-only flags', 'not-carried', 'They are reported.'),
      ],
    })),
  };
}
