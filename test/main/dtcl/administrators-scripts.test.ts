import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from '../../../src-main/dtcl/index.ts';
import { pausedAt41 } from '../../support/fake-calls.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const names = [
  'pause-before-backup',
  'resume-after-backup',
  'disconnect-before-backup',
  'reconnect-after-backup',
  'noon',
  'midnight',
];
let host: FakeDtclHost;
beforeEach(() => {
  host = new FakeDtclHost();
  host.services.alpha.addSet('accounts', 'c:\\data');
});

function script(name: string): string {
  return readFileSync(new URL(`../../fixtures/dtcl/${name}.dtcl`, import.meta.url), 'utf8');
}

function bases(): (string | null)[] {
  return host.services.alpha.connections.map(({ map }) => (map.kind === 'base' ? map.base : null));
}

test.each(names)('%s parses without a problem or a warning, with any kind of line end', (name) => {
  for (const end of ['\n', '\r\n', '\r']) {
    expect(parse(script(name).replaceAll('\n', end))).toMatchObject({ problems: [], warnings: [] });
  }
});

test('the pause returns when the cut is reached, and the resume lifts it', async () => {
  const { id } = host.services.alpha.addConnection({
    setName: 'accounts',
    targetName: 'beta',
    map: { kind: 'base', base: 'c:\\replica' },
  });
  host.services.alpha.before = (call) => {
    if (call === 'connection.get') host.services.alpha.change(id, { transmission: pausedAt41 });
  };
  expect((await runOn(host, script('pause-before-backup'))).failures).toBe(0);
  expect(host.services.alpha.connections[0]?.transmission).toEqual(pausedAt41);
  expect((await runOn(host, script('resume-after-backup'))).failures).toBe(0);
  expect(host.services.alpha.connections[0]?.transmission.kind).toBe('active');
});

test('the disconnect needs a login on the source alone, and the reconnect mirrors the blocks that differ', async () => {
  host.services.alpha.addConnection({ setName: 'accounts', targetName: 'beta', map: { kind: 'base', base: 'c:\\replica' } });
  expect((await runOn(host, script('disconnect-before-backup'))).failures).toBe(0);
  expect(bases()).toEqual([]);
  expect((await runOn(host, script('reconnect-after-backup'))).failures).toBe(0);
  expect(bases()).toEqual(['c:\\replica']);
  expect(host.services.alpha.calls).toContain('connect nomirror');
  expect(host.services.alpha.connections[0]?.mirror).toMatchObject({ kind: 'mirroring', options: { kind: 'checksum' } });
});

describe('noon and midnight', () => {
  test('on the very first noon there is nothing to disconnect, and the connection is made all the same', async () => {
    const { results, failures } = await runOn(host, script('noon'));
    expect(results.slice(-4)).toEqual([
      ['conid', -115],
      ['disconnect', -115],
      ['connect', 1],
      ['mirror start', 1],
    ]);
    expect(failures).toBe(2);
    expect(bases()).toEqual(['c:\\noon_mirror']);
  });

  test('from then on they take turns without a failure', async () => {
    await runOn(host, script('noon'));
    for (const [name, base] of [
      ['midnight', 'c:\\midnight_mirror'],
      ['noon', 'c:\\noon_mirror'],
      ['midnight', 'c:\\midnight_mirror'],
    ] as const) {
      expect((await runOn(host, script(name))).failures).toBe(0);
      expect(bases()).toEqual([base]);
    }
  });
});
