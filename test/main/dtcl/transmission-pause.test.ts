import { beforeEach, describe, expect, test } from 'vitest';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { pausedAt41 } from '../../support/fake-calls.ts';
import { FakeDtclHost, loggedIn, resultsOf, runOn } from '../../support/fake-dtcl-host.ts';

let host: FakeDtclHost;
beforeEach(() => (host = new FakeDtclHost()));

const results = (text: string) => resultsOf(host, text);
const connected = (map: string, targetName?: string) => host.addAccounts(map, targetName);

describe('transmission pause', () => {
  test('returns when every connection to the target has reached its cut, and names it', async () => {
    const ids = [connected('c:\\a'), connected('c:\\b'), connected('c:\\c', 'gamma')].map(({ id }) => id);
    host.services.alpha.before = (call) => {
      const seconds = (host.nowMs - new Date(2026, 10, 22, 12, 0, 0).getTime()) / 1000;
      if (call !== 'connection.get') return;
      if (seconds > 5) host.services.alpha.change(ids[0] ?? '', { transmission: pausedAt41 });
      if (seconds > 20) host.services.alpha.change(ids[1] ?? '', { transmission: pausedAt41 });
    };
    const { results: all, lines } = await runOn(host, `${loggedIn} transmission pause beta;`);
    expect(all.at(-1)).toEqual(['transmission pause', 1]);
    expect(lines.slice(-2)).toEqual([
      'Paused: connection 1 (accounts to beta) at operation 41, 2026-11-22T11:00:00.000Z, point-in-time.',
      'Paused: connection 2 (accounts to beta) at operation 41, 2026-11-22T11:00:00.000Z, point-in-time.',
    ]);
    expect(host.nowMs).toBeGreaterThan(new Date(2026, 10, 22, 12, 0, 20).getTime());
    expect(host.services.alpha.connections[2]?.transmission.kind).toBe('active');
  });

  test('fails where the application must be at rest and was not, and leaves the pause', async () => {
    const { id, settings } = connected('c:\\a');
    const cut = {
      sequence: 41,
      at: '2026-11-22T11:00:00.000Z',
      label: 'point-in-time',
      why: 'the application was not frozen in time',
    } as const;
    const hooks = { ...settings.hooks, freeze: '/freeze', isRequired: true };
    host.services.alpha.before = (call) => {
      const paused = { kind: 'paused', since: '', owner: 'admin', reason: '', cut } as const;
      if (call === 'connection.get') host.services.alpha.change(id, { transmission: paused, settings: { ...settings, hooks } });
    };
    const { reports, lines } = await runOn(host, `${loggedIn} transmission pause beta;`);
    expect(lines.at(-1)).toContain(
      'at operation 41, 2026-11-22T11:00:00.000Z, point-in-time (the application was not frozen in time).',
    );
    expect(reports.at(-1)).toMatchObject({ result: -126 });
    expect(reports.at(-1)?.error?.text).toContain(
      'was not at rest when the cut was made: the application was not frozen in time.',
    );
    expect(host.services.alpha.connections[0]?.transmission.kind).toBe('paused');
  });

  test('runs out of time after ten minutes or as told, says why, and leaves the hold', async () => {
    const { id } = connected('c:\\a');
    const link = { kind: 'down', since: '2026-11-22T11:30:00.000Z', cause: 'beta does not answer.', retryInMs: 5000 } as const;
    host.services.alpha.change(id, { link });
    const started = host.nowMs;
    const { reports } = await runOn(host, `${loggedIn} transmission pause beta;`);
    expect(reports.at(-1)?.result).toBe(-125);
    expect(reports.at(-1)?.error?.text).toMatch(/down since .* beta does not answer\..*The pause stays requested/);
    expect(host.nowMs - started).toBeGreaterThanOrEqual(600_000);
    expect(host.nowMs - started).toBeLessThan(601_000);
    expect(host.services.alpha.connections[0]?.transmission.kind).toBe('pausing');
    const again = host.nowMs;
    expect(await results('transmission pause beta for 7;')).toEqual([['transmission pause', -125]]);
    expect(host.nowMs - again).toBeLessThan(8000);
  });

  test('lives through a restart of the source, but not for ever', async () => {
    const { id } = connected('c:\\a');
    const startedMs = host.nowMs;
    host.services.alpha.before = (call) => {
      if (call !== 'connection.get') return;
      if (host.nowMs - startedMs < 20_000) throw new ReplicationError('link-lost', { server: 'alpha' });
      host.services.alpha.change(id, { transmission: pausedAt41 });
    };
    expect(await results('transmission pause beta;')).toEqual([['transmission pause', 1]]);
    host.services.alpha.before = (call) => {
      if (call === 'connection.get') throw new ReplicationError('unreachable', { server: 'alpha' });
    };
    expect(await results('transmission pause beta;')).toEqual([['transmission pause', -108]]);
  });

  test('with nowait returns at once', async () => {
    connected('c:\\a');
    const started = host.nowMs;
    expect(await results('target beta; transmission pause nowait;')).toEqual([
      ['target', 1],
      ['transmission pause', 1],
    ]);
    expect(host.nowMs).toBe(started);
  });

  test('a pause that somebody lifts meanwhile is not reported as reached', async () => {
    const { id } = connected('c:\\a');
    host.services.alpha.before = (call) => {
      if (call === 'connection.get') host.services.alpha.change(id, { transmission: { kind: 'active', since: '' } });
    };
    expect(await results('transmission pause beta;')).toEqual([['transmission pause', -126]]);
  });

  test('a target without a connection is -115, and no target -106', async () => {
    expect(await results('transmission pause beta; transmission resume;')).toEqual([
      ['transmission pause', -115],
      ['transmission resume', -106],
    ]);
  });
});
