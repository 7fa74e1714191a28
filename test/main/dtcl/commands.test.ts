import { beforeEach, describe, expect, test } from 'vitest';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { parse } from '../../../src-main/dtcl/index.ts';
import { mirroring } from '../../support/fake-calls.ts';
import { FakeDtclHost, loggedIn, resultsOf, runOn } from '../../support/fake-dtcl-host.ts';

let host: FakeDtclHost;
beforeEach(() => (host = new FakeDtclHost()));

const results = (text: string) => resultsOf(host, text);
const connected = (map: string, targetName?: string) => host.addAccounts(map, targetName);

describe('login', () => {
  test('gives 2, 1 and 0, and only 0 counts as a failure', async () => {
    const run = await runOn(host, 'login alpha admin right; logon alpha watcher right ""; login alpha admin wrong OFFICE;');
    expect(run.results.map(([, result]) => result)).toEqual([2, 1, 0]);
    expect(run.failures).toBe(1);
  });

  test('stored takes the kept login, or fails with -110', async () => {
    expect((await runOn(host, 'login alpha stored;')).results).toEqual([['login', -110]]);
    host.stored.add('alpha');
    expect((await runOn(host, 'login ALPHA stored;')).results).toEqual([['login', 2]]);
  });

  test('without a password a person is asked, and -101 says that there is none to ask', async () => {
    expect((await runOn(host, 'login alpha admin;')).results).toEqual([['login', -101]]);
    host.answerToPassword = 'right';
    expect((await runOn(host, 'login alpha admin;')).results).toEqual([['login', 2]]);
  });

  test('more than 100 characters are out of range', async () => {
    expect((await runOn(host, `login alpha admin ${'x'.repeat(101)};`)).results).toEqual([['login', -122]]);
  });

  test('a command to a server without a login is -109, without a source -104', async () => {
    expect((await runOn(host, 'status; source alpha; status;')).results.map(([, result]) => result)).toEqual([-104, 1, -109]);
  });
});

test('a source that is refused leaves none chosen, so that nothing happens to the one before', async () => {
  connected('c:\\noon');
  expect(await results('source gamma; disconnect *;')).toEqual([
    ['source', -107],
    ['disconnect', -104],
  ]);
  expect(host.services.alpha.connections).toHaveLength(1);
});

describe('replication sets', () => {
  test('a set is made, filled, saved, shown and deleted', async () => {
    const { results: all, lines } = await runOn(
      host,
      `${loggedIn} repset create books; repset rule add "c:\\my books" include; repset rule add c:\\my\\*.tmp exclude, norecurs to books;
       repset save; repset display books; repset list; repset calculate; repset rule remove c:\\my\\*.tmp from books; repset delete books;`,
    );
    expect(all.every(([, result]) => result > 0)).toBe(true);
    expect(lines).toContain('  c:\\my books include, recurs');
    expect(lines).toContain('  c:\\my\\*.tmp exclude, norecurs');
    expect(lines).toContain('books   not connected, saved, 2 rules');
    expect(host.services.alpha.sets.size).toBe(0);
  });

  test('without a current set, or with an unknown one, the number is -111', async () => {
    expect(await results('repset save; repset use none; repset display;')).toEqual([
      ['repset save', -111],
      ['repset use', -111],
      ['repset display', -111],
    ]);
  });
});

describe('connect and conid', () => {
  beforeEach(() => host.services.alpha.addSet('accounts', 'c:\\data'));

  test.each([
    ['', 'all'],
    ['mirror', 'all'],
    ['nomirror', 'nomirror'],
    ['different', 'different'],
    ['checksum', 'checksum'],
    ['mirror, different, checksum', 'checksum'],
    ['newer', 'different'],
  ])('connect with "%s" starts with the mirror %s', async (options, mirror) => {
    expect(await results(`connect accounts to beta map base c:\\noon ${options};`)).toEqual([['connect', 1]]);
    expect(host.services.alpha.calls).toContain(`connect ${mirror}`);
  });

  test('every form of map reaches the service as it was typed', async () => {
    await results(
      'connect accounts to beta map exact; connect accounts to beta map c:\\a to e:\\b, "d:\\x y" to f:\\z, nomirror;',
    );
    expect(host.services.alpha.connections.map(({ map }) => map)).toEqual([
      { kind: 'exact' },
      {
        kind: 'pairs',
        pairs: [
          { from: 'c:\\a', to: 'e:\\b' },
          { from: 'd:\\x y', to: 'f:\\z' },
        ],
      },
    ]);
  });

  test('conid tells the same set on the same target apart by its map', async () => {
    connected('c:\\noon');
    connected('c:\\midnight');
    expect(
      await results('conid accounts to beta map base c:\\midnight; conid accounts to beta; conid none to beta map exact;'),
    ).toEqual([
      ['conid', 2],
      ['conid', -115],
      ['conid', -115],
    ]);
  });

  test('conid finds a connection under the name that the target has for itself', async () => {
    connected('c:\\noon', 'beta.example.net');
    expect(await results('conid accounts to BETA map base c:\\noon;')).toEqual([['conid', 1]]);
  });

  test('an existing connection is -116, an unknown set -111', async () => {
    connected('c:\\noon');
    expect(await results('connect accounts to beta map base c:\\noon; connect none to beta map exact;')).toEqual([
      ['connect', -116],
      ['connect', -111],
    ]);
  });
});

describe('disconnect', () => {
  test('takes a number, a UUID, or all', async () => {
    const ids = ['c:\\a', 'c:\\b', 'c:\\c', 'c:\\d'].map((base) => connected(base).id);
    expect(
      await results(`disconnect 1; disconnect ${ids[1]?.toUpperCase() ?? ''}; disconnect *; disconnect all; disconnect 3;`),
    ).toEqual([
      ['disconnect', 1],
      ['disconnect', 1],
      ['disconnect', 1],
      ['disconnect', 1],
      ['disconnect', -115],
    ]);
    expect(host.services.alpha.connections).toEqual([]);
  });

  test('with the number of a failed conid it does nothing and says why', async () => {
    connected('c:\\noon');
    const { results: all, reports } = await runOn(host, `${loggedIn} $id = conid none to beta; disconnect $id;`);
    expect(all.at(-1)).toEqual(['disconnect', -115]);
    expect(reports.at(-1)?.error?.text).toContain('$id holds -115');
    expect(host.services.alpha.connections).toHaveLength(1);
  });

  test('of several connections, one that fails does not keep the others', async () => {
    connected('c:\\a');
    connected('c:\\b');
    let isFirst = true;
    host.services.alpha.before = (call) => {
      if (call !== 'connection.disconnect' || !isFirst) return;
      isFirst = false;
      throw new ReplicationError('link-lost', { server: 'alpha' });
    };
    expect(await results('disconnect *;')).toEqual([['disconnect', -108]]);
    expect(host.services.alpha.connections.map(({ number }) => number)).toEqual([1]);
  });
});

describe('mirror', () => {
  test.each([
    ['', 'all'],
    ['all', 'all'],
    ['different', 'different'],
    ['different, checksum', 'checksum'],
    ['checksum', 'checksum'],
    ['newer', 'different'],
    ['different, newer, checksum', 'checksum'],
    ['flagged', 'checksum'],
  ])('start with "%s" compares %s', async (options, kind) => {
    connected('c:\\noon');
    expect(await results(`mirror start 1 ${options};`)).toEqual([['mirror start', 1]]);
    expect(host.services.alpha.connections[0]?.mirror).toMatchObject({ options: { kind } });
  });

  test('newer reaches the service, and goes with neither everything nor no mirror', async () => {
    connected('c:\\noon');
    await results('mirror start 1 newer, checksum;');
    expect(host.services.alpha.connections[0]?.mirror).toMatchObject({ options: { kind: 'checksum', newer: true } });
    for (const wrong of ['mirror start 1 all, newer;', 'mirror start 1 newer all;', 'connect s to t map exact nomirror newer;'])
      expect(parse(wrong).problems, wrong).toMatchObject([{ number: -101 }]);
  });

  test('flagged compares the blocks of files whose date or size differ only', async () => {
    connected('c:\\noon');
    await results('mirror start 1 different, checksum, flagged;');
    expect(host.services.alpha.connections[0]?.mirror).toMatchObject({ options: { kind: 'checksum', flaggedOnly: true } });
    expect(parse('mirror start 1 all flagged;').problems).toMatchObject([{ number: -101 }]);
  });

  test('a second start is -118', async () => {
    connected('c:\\noon');
    expect(await results('mirror start 1; mirror start 1; mirror pause 1; mirror resume 1; mirror stop 1;')).toEqual([
      ['mirror start', 1],
      ['mirror start', -118],
      ['mirror pause', 1],
      ['mirror resume', 1],
      ['mirror stop', 1],
    ]);
  });

  test('waiting ends when the mirror is complete', async () => {
    const { id } = connected('c:\\noon');
    host.services.alpha.before = (call) => {
      if (call === 'connection.get' && host.nowMs > new Date(2026, 10, 22, 12, 0, 30).getTime()) {
        host.services.alpha.change(id, {
          mirror: { kind: 'idle', lastCompletedAt: '2026-11-22T12:00:30.000Z' },
          targetData: 'good',
        });
      }
    };
    expect(await results('mirror start 1; wait on mirror 1;')).toEqual([
      ['mirror start', 1],
      ['wait on mirror', 1],
    ]);
    expect(host.nowMs).toBeGreaterThan(new Date(2026, 10, 22, 12, 0, 30).getTime());
  });

  test('waiting does not take the mirror before for the one that was just started', async () => {
    const { id } = connected('c:\\noon');
    const old = { mirror: { kind: 'idle', lastCompletedAt: '2026-11-21T00:00:00.000Z' }, targetData: 'good' } as const;
    host.services.alpha.change(id, old);
    host.services.alpha.before = (call) => {
      if (call === 'connection.get') host.services.alpha.change(id, old);
    };
    expect(await results('wait on mirror 1; mirror start 1; wait on mirror 1;')).toEqual([
      ['wait on mirror', 1],
      ['mirror start', 1],
      ['wait on mirror', -119],
    ]);
  });

  test('waiting for a mirror that never ends is -125, for one that was stopped -119, for a halted connection -126', async () => {
    const { id } = connected('c:\\noon');
    expect(await results('mirror start 1; wait on mirror 1 for 60; mirror stop 1; wait on mirror 1;')).toEqual([
      ['mirror start', 1],
      ['wait on mirror', -125],
      ['mirror stop', 1],
      ['wait on mirror', -119],
    ]);
    const halt = {
      code: 'not-found',
      path: null,
      cause: 'The folder is gone.',
      since: '',
      effect: '',
      nextStep: 'Answer.',
      answers: [],
    };
    host.services.alpha.change(id, { halt, replication: 'halted' });
    expect(await results('mirror start 1; wait on mirror 1;')).toEqual([
      ['mirror start', 1],
      ['wait on mirror', -126],
    ]);
  });
});

describe('status', () => {
  test('a connection is shown whole, with its number and its UUID', async () => {
    const { id } = connected('c:\\noon');
    const { lines } = await runOn(host, `${loggedIn} status con 1; status; stats 1; stats ${id} json; status target beta;`);
    expect(lines.join('\n')).toContain(`1  ${id}`);
    expect(lines.join('\n')).toContain('map base c:\\noon');
    expect(lines).toContain('appliedSequence        41');
    expect(lines.some((line) => line.startsWith('{"id"'))).toBe(true);
    expect(lines.at(-1)).toBe('beta holds no replicas.');
  });

  test('a running mirror shows what it sent, skipped and has left, and the overview how much order the replica keeps', async () => {
    const { id } = connected('c:\\noon');
    host.services.alpha.change(id, { mirror: mirroring({ kind: 'different' }), consistency: 'point-in-time' });
    const { lines } = await runOn(host, `${loggedIn} status con 1; status;`);
    expect(lines.join('\n')).toContain('mirroring 50 % (different), sent 50 B, skipped 0 B, remaining 50 B, 5.0 s left');
    expect(lines.at(-1)).toMatch(/target data unknown {2}point-in-time$/);
  });

  test('help knows every command and every number', async () => {
    const { results: all, lines } = await runOn(host, 'help; help mirror start; help errors; help nothing;');
    expect(all.map(([, result]) => result)).toEqual([1, 1, 1, -101]);
    expect(lines).toContain('  Example: mirror start $id different, checksum;');
  });
});

describe('park', () => {
  test('waits until the connection is parked, tells the cut, and reconnect brings it back', async () => {
    connected('c:\\noon');
    const { results: all, lines } = await runOn(host, `${loggedIn} park 1 reason "rotation"; status con 1; reconnect 1;`);
    expect(all.slice(3).map(([, result]) => result)).toEqual([1, 1, 1]);
    expect(lines.join('\n')).toMatch(/Parked: connection 1 .* at operation 7, .*, point-in-time, a complete copy\./);
    expect(lines.join('\n')).toContain('Replica at rest:');
    expect(host.services.alpha.connections[0]).toMatchObject({ park: null });
  });

  test('its times are settings, and status shows what the clock does and did', async () => {
    const { id } = connected('c:\\noon');
    const last = {
      what: 'park',
      dueAt: '2026-11-26T22:00:00.000Z',
      at: '',
      outcome: 'missed',
      why: 'A mirror is not complete.',
    } as const;
    const next = { nextParkAt: '2026-11-27T22:00:00.000Z', nextReconnectAt: null, waits: 'eva reads it.', last };
    host.services.alpha.change(id, { parkSchedule: next });
    const script = `${loggedIn} set 1 park.at = "0 22 * * *"; get 1 park.at; status con 1; set 1 park.at = "soon";`;
    const { results: all, lines } = await runOn(host, script);
    expect(all.slice(3, 6).map(([, result]) => result)).toEqual([1, 1, 1]);
    expect(all[6]?.[1]).toBeLessThan(0);
    const text = lines.join('\n');
    expect(text).toContain('0 22 * * *');
    expect(text).toMatch(/Parked by the clock: +parked next 2026-11-27T22:00:00.000Z, reconnected next never/);
    expect(text).toContain('what is due waits: eva reads it.');
    expect(text).toContain('last: park due 2026-11-26T22:00:00.000Z, missed: A mirror is not complete.');
  });

  test('gives up when the cut does not come, and the order stands', async () => {
    connected('c:\\noon');
    host.services.alpha.parksAtOnce = false;
    expect(await results('park 1 for 1;')).toEqual([['park', -125]]);
    expect(host.services.alpha.connections[0]).toMatchObject({ park: { kind: 'leaving' } });
    expect(await results('park 1 nowait;')).toEqual([['park', 1]]);
  });
});

describe('a connection that left its target', () => {
  const full = {
    replication: 'disconnected' as const,
    disconnection: {
      code: 'queue-full',
      path: null,
      cause: 'The queue is full.',
      since: '',
      effect: 'It left.',
      nextStep: 'Reconnect.',
    },
  };

  test('is shown with its cause and way out, and comes back with the mirror that is said, checksum by default', async () => {
    const { id } = connected('c:\\noon');
    host.services.alpha.change(id, full);
    const { lines } = await runOn(host, `${loggedIn} status con 1;`);
    expect(lines.join('\n')).toContain('DISCONNECTED since : The queue is full. It left. Reconnect.');
    expect(await results('reconnect 1;')).toEqual([['reconnect', 1]]);
    expect(host.services.alpha.connections[0]).toMatchObject({ disconnection: null, mirror: { options: { kind: 'checksum' } } });
    expect(await results('reconnect 1 different;')).toEqual([['reconnect', -116]]);
  });

  test('is what a connect with the same set, target and map brings back', async () => {
    host.services.alpha.addSet('accounts');
    const { id, number } = connected('c:\\noon');
    const connect = 'connect accounts to beta map base c:\\noon, different;';
    expect(await results(connect)).toEqual([['connect', -116]]);
    host.services.alpha.change(id, full);
    expect(await results(connect)).toEqual([['connect', number]]);
    expect(host.services.alpha.connections).toHaveLength(1);
    expect(host.services.alpha.connections[0]).toMatchObject({ disconnection: null, mirror: { options: { kind: 'different' } } });
  });

  test('contradicting words are refused before anything runs', () => {
    for (const script of ['reconnect 1 nomirror different;', 'connect a to b map exact autoreconnect noautoreconnect;'])
      expect(parse(script).problems).toHaveLength(1);
  });
});
