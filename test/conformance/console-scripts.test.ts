import { expect, test } from 'vitest';
import { parse } from '../../src-main/dtcl/index.ts';
import type { ConnectionSnapshot, ReplicaSnapshot } from '../../src-main/api/index.ts';
import {
  connectScript,
  mirrorScript,
  onSource,
  parkScript,
  planScript,
  purgeScript,
  reconnectScript,
  setScript,
  verifyScript,
} from '../../src-renderer/text/scripts.ts';
import { backupName, beginScript, endScript } from '../../src-renderer/text/backups.ts';
import { certificateScript } from '../../src-renderer/text/certificates.ts';
import { drillScript, restoreOrderScript, restoreScript } from '../../src-renderer/text/restores.ts';
import { snapshotScript, takeWords } from '../../src-renderer/text/snapshots.ts';
import {
  rotationCommand,
  rotationScript,
  runScript,
  useScript,
  type WantedRotation,
} from '../../src-renderer/text/rotation-scripts.ts';

const replica = { connectionId: '00000000-0000-4000-8000-000000000007', sourceName: 'alpha' } as ReplicaSnapshot;
const noon: WantedRotation = {
  name: 'Day and night',
  added: [
    { name: 'A', number: 1 },
    { name: 'my "B"', number: 2 },
  ],
  removed: ['old'],
  schedule: [
    { slot: 'A', timeZone: 'Europe/Berlin', time: { kind: 'clock', at: '12:00', days: ['mon', 'fri'] } },
    { slot: null, timeZone: null, time: { kind: 'date', at: '2026-12-24T18:00' } },
    { slot: 'my "B"', timeZone: null, time: { kind: 'cron', cron: '0 0,12 * * *' } },
  ],
  order: 'quick',
  mirror: { kind: 'checksum' },
  missed: { policy: 'run-late', withinMinutes: 720 },
  isEnabled: false,
};
const seven = { number: 7 } as ConnectionSnapshot;
const archive = { slot: null, setName: 'Archive', targetName: 'my beta', isOnly: true, number: 7 };
const midnight = { ...archive, slot: { rotation: 'Day and night', name: 'midnight' } };
const back = { what: 'accounts', from: 'beta', to: 'alpha', base: null, owners: 'number' } as const;
const plain = { paths: [], overwrite: 'different', checksum: false, plan: false } as const;
const nightly = { method: 'pause', owner: 'restic@backup', reason: '', maxMinutes: 120 } as const;

test.each([
  [mirrorScript(seven, { kind: 'all' }), 'mirror start 7 all;'],
  [mirrorScript(seven, { kind: 'different', newer: true }), 'mirror start 7 different, newer;'],
  [
    mirrorScript(seven, { kind: 'checksum', flaggedOnly: true, orphans: true }),
    'mirror start 7 different, checksum, flagged, orphans;',
  ],
  [planScript(seven, { kind: 'different' }), 'mirror plan 7 different;'],
  [reconnectScript(seven, { kind: 'checksum' }), 'reconnect 7 different, checksum;'],
  [verifyScript(seven, { bytes: false, repair: 'none', orphans: false }), 'verify 7;'],
  [verifyScript(seven, { bytes: true, repair: 'newer', orphans: true }), 'verify 7 mirror newer, checksum, orphans;'],
  [purgeScript('7', 0, ''), 'deleted purge 7 all;'],
  [purgeScript('7', 30, 'my "old" letters'), 'deleted purge 7 older 30 like "my ""old"" letters";'],
  [connectScript('Web root', 'beta', { kind: 'base', base: '/r' }, null), 'connect "Web root" to beta map base "/r" nomirror;'],
  [
    connectScript('Web', 'beta', { kind: 'pairs', pairs: [{ from: '/a b', to: '/c' }] }, { kind: 'different' }),
    'connect Web to beta map "/a b" to "/c" different;',
  ],
  [certificateScript('make', 'full', replica, seven, 'beta'), 'source alpha; certificate make 7 full;'],
  [
    certificateScript('delete', '2026-11-22T11-00-00-000Z', replica, undefined, 'beta'),
    'certificate delete 00000000-0000-4000-8000-000000000007 2026-11-22T11-00-00-000Z on beta;',
  ],
  [
    certificateScript('export', 'to "/backup/Web root.certificate"', replica, seven, 'beta'),
    'source alpha; certificate export 7 to "/backup/Web root.certificate";',
  ],
  [snapshotScript('take', takeWords('', false), replica, seven, 'beta'), 'source alpha; snapshot take 7;'],
  [
    snapshotScript('take', takeWords('before "5"', true), replica, seven, 'beta'),
    'source alpha; snapshot take 7 named "before ""5""" filelevel;',
  ],
  [
    snapshotScript('revert', '2026-11-22T11-00-00-000Z', replica, undefined, 'my beta'),
    'snapshot revert 00000000-0000-4000-8000-000000000007 2026-11-22T11-00-00-000Z on "my beta";',
  ],
  [
    snapshotScript('delete', '2026-11-22T11-00-00-000Z', replica, seven, 'beta'),
    'source alpha; snapshot delete 7 2026-11-22T11-00-00-000Z;',
  ],
  [restoreScript(back, plain), 'restore accounts from beta to alpha;'],
  [
    restoreScript(
      { ...back, what: '/backup/a b', base: '/restored', owners: 'name' },
      { paths: ['/data/x', '/my "y"'], overwrite: 'older', checksum: true, plan: true },
    ),
    'restore plan "/backup/a b" from beta to alpha only "/data/x" "/my ""y""" base "/restored" overwrite older checksum owners keep;',
  ],
  [
    drillScript({ ...back, base: '/scratch' }, { files: 20, seed: '', source: null }),
    'restore drill accounts from beta to alpha base "/scratch" files 20;',
  ],
  [
    drillScript({ ...back, base: '/scratch', owners: 'name' }, { files: 5, seed: 'spring 1', source: 'my alpha' }),
    'restore drill accounts from beta to alpha base "/scratch" files 5 seed "spring 1" source "my alpha" owners;',
  ],
  [restoreOrderScript('go', 'r-1', 'my beta'), 'restore go r-1 on "my beta";'],
  [restoreOrderScript('cancel', 'r-1', 'beta'), 'restore cancel r-1 on beta;'],
  [restoreOrderScript('status', 'r-1', 'beta'), 'restore status r-1 on beta;'],
  [parkScript(seven, ''), 'park 7 nowait;'],
  [parkScript(seven, 'tape "7"'), 'park 7 reason "tape ""7""" nowait;'],
  [runScript('noon', null), 'rotation run noon nowait;'],
  [runScript('Day and night', 'B'), 'rotation run "Day and night" to B nowait;'],
  [useScript('noon', 'B', 'tape 7'), 'rotation use noon B reason "tape 7";'],
  [useScript('noon', 'B', ''), 'rotation use noon B;'],
  [
    beginScript(backupName(archive), { ...nightly, method: 'hold', reason: 'tape "7"' }),
    'backup begin Archive to "my beta" method hold owner "restic@backup" reason "tape ""7""" max 120;',
  ],
  [
    beginScript(backupName(midnight), { ...nightly, method: 'rest' }),
    'backup begin "Day and night/midnight" owner "restic@backup" max 120;',
  ],
  [endScript(backupName({ ...archive, isOnly: false }), 'nightly'), 'backup end 7 owner nightly;'],
  [rotationCommand('skip', 'noon'), 'rotation skip noon;'],
  [rotationCommand('disable', 'noon'), 'rotation disable noon;'],
  [rotationCommand('enable', 'noon'), 'rotation enable noon;'],
  [rotationCommand('delete', 'noon'), 'rotation delete noon;'],
  [onSource('alpha 1', 'status;'), 'source "alpha 1"; status;'],
])('%s is what the dialog orders, and runs', (script, expected) => {
  expect(script).toBe(expected);
  expect(parse(script).problems).toEqual([]);
});

test('a set is made with all its rules', () => {
  const script = setScript('Web root', [
    { path: '/srv/web', verdict: 'include', recursive: true },
    { path: 'c:\\web\\*.tmp', verdict: 'exclude', recursive: false },
  ]).join(' ');
  expect(script).toBe(
    'repset create "Web root"; repset rule add "/srv/web" include; repset rule add "c:\\web\\*.tmp" exclude norecurs; repset save;',
  );
  expect(parse(script).problems).toEqual([]);
});

test('a rotation is made with its slots, times and order; one that is there takes other times', () => {
  const made = rotationScript(noon, true);
  expect(made).toEqual([
    'rotation create "Day and night";',
    'rotation slot add "Day and night" A connection 1;',
    'rotation slot add "Day and night" "my ""B""" connection 2;',
    'rotation at "Day and night" 12:00 on mon, fri to A zone "Europe/Berlin";',
    'rotation at "Day and night" 2026-12-24 18:00;',
    'rotation every "Day and night" "0 0,12 * * *" to "my ""B""";',
    'rotation slot remove "Day and night" old;',
    'rotation order "Day and night" quick mirror different, checksum;',
    'rotation missed "Day and night" run within 12 hours;',
    'rotation disable "Day and night";',
  ]);
  const changed = rotationScript({ ...noon, missed: { policy: 'skip', withinMinutes: 1 }, mirror: { kind: 'all' } }, false);
  expect(changed[0]).toBe('rotation slot add "Day and night" A connection 1;');
  expect(changed).toContain('rotation clear "Day and night";');
  expect(changed).toContain('rotation order "Day and night" quick mirror all;');
  for (const script of [made, changed]) expect(parse(script.join(' ')).problems).toEqual([]);
});
