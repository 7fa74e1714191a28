import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from '../../../src-main/dtcl/index.ts';
import type { ReplicaSnapshot } from '../../../src-main/api/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const since = '2026-11-22T11:00:00.000Z';
const loggedIn = 'login alpha admin right; login beta admin right; source alpha;';
let host: FakeDtclHost;
beforeEach(() => (host = new FakeDtclHost()));

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  return {
    results: results.slice(3).map(([, result]) => result),
    lines: lines.slice(3),
    errors: reports.map(({ error }) => error?.text ?? '').join(''),
  };
}

describe('accounts', () => {
  test('are made, listed, given a new password or role and deleted on the server that is named, else on the source', async () => {
    const script = `account create night-watch monitor "se cret" on beta; account list on beta; account password night-watch other on beta;
      account create eva admin pass; account list; account role night-watch admin on beta;`;
    expect(await run(script)).toMatchObject({
      results: [1, 1, 1, 1, 1, 1],
      lines: [
        'beta: account night-watch created, monitor.',
        `night-watch  monitor  since ${since}`,
        'beta: account night-watch has a new password.',
        'alpha: account eva created, admin.',
        `eva  admin    since ${since}`,
        'beta: account night-watch has the role admin.',
      ],
    });
    expect(host.services.beta.accounts).toMatchObject([{ name: 'night-watch', role: 'admin', password: 'other' }]);
    expect((await run('account delete night-watch on beta;')).results).toEqual([1]);
    expect(host.services.beta.accounts).toEqual([]);
  });

  test('without a password a person is asked, and nothing is changed when nobody is there or the two differ', async () => {
    expect(await run('account create eva admin;')).toMatchObject({ results: [-101] });
    const answers = ['one', 'two', 'same', 'same'];
    host.askPassword = () => Promise.resolve(answers.shift() ?? null);
    expect(await run('account create eva admin;')).toMatchObject({
      results: [-101],
      errors: expect.stringContaining('differ') as string,
    });
    expect(host.services.alpha.accounts).toEqual([]);
    expect((await run('account create eva admin;')).results).toEqual([1]);
    expect(host.services.alpha.accounts).toMatchObject([{ name: 'eva', password: 'same' }]);
  });

  test('a name that is taken or unknown is said, and a role that there is not is found before anything runs', async () => {
    expect(
      (await run('account create eva admin x; account create eva monitor x; account delete nobody; account role nobody admin;'))
        .results,
    ).toEqual([1, -101, -101, -101]);
    expect(parse('account create eva owner x;').problems[0]?.text).toContain('"admin" or "monitor" is missing here');
    expect(parse('account role eva owner;').problems[0]?.text).toContain('"admin" or "monitor" is missing here');
    expect(parse('account create;').problems).toHaveLength(1);
  });
});

test('the audit log is shown oldest first, as many of the newest entries as are asked for', async () => {
  const entry = { at: since, user: 'eva', from: '10.0.0.9', action: 'mirror.stop', details: 'x', outcome: 'ok' } as const;
  host.services.beta.audited = [entry, { ...entry, user: 'tom', outcome: 'refused', details: '' }, entry];
  expect(await run('audit 2 on beta;')).toMatchObject({
    results: [1],
    lines: [`${since}  refused  tom from 10.0.0.9: mirror.stop`, `${since}  ok       eva from 10.0.0.9: mirror.stop x`],
  });
  expect((await run('audit; audit 0; audit many;')).results).toEqual([1, -122, -122]);
});

test('the messages of a server are shown as a log, with their severity', async () => {
  const entry = { id: 1, at: since, severity: 'info', text: 'The mirror is complete.', connectionId: null } as const;
  host.services.alpha.messages = [entry, entry, { ...entry, severity: 'warning', text: 'beta could not be told.' }];
  expect(await run('messages 2;')).toMatchObject({
    results: [1],
    lines: [`${since}  info     The mirror is complete.`, `${since}  warning  beta could not be told.`],
  });
});

describe('a replica', () => {
  const id = '0b5e0d63-7f4f-4a52-9d0e-3f1f6a0c9b11';
  const replica = { connectionId: id, setName: 'accounts', sourceName: 'alpha', state: 'retrying' } as ReplicaSnapshot;

  test('whose source is gone is released by the id that status shows', async () => {
    host.services.beta.replicas = [replica];
    expect(await run(`replica release ${id.toUpperCase()} on beta;`)).toMatchObject({
      results: [1],
      lines: ['Released: accounts from alpha. Its files stay where they are.'],
    });
    expect(host.services.beta.replicas).toEqual([]);
  });

  test('whose source is connected stays, and so does everything when the id is unknown or no target is named', async () => {
    host.services.beta.replicas = [{ ...replica, state: 'receiving' }];
    expect((await run(`replica release ${id} on beta; replica release 7 on beta; replica release ${id};`)).results).toEqual([
      -126, -115, -106,
    ]);
    expect(host.services.beta.replicas).toHaveLength(1);
  });
});
