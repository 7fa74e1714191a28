import { expect, test } from 'vitest';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

/** Two connections of alpha; gives what `command` prints. */
async function printed(command: string): Promise<readonly string[]> {
  const host = new FakeDtclHost();
  for (const setName of ['accounts', 'a "b", c']) {
    host.services.alpha.addConnection({ setName, targetName: 'beta', map: { kind: 'exact' } });
  }
  const { lines } = await runOn(host, `login alpha admin right; source alpha; ${command}`);
  return lines.slice(2);
}

test('stats without a connection shows all, each under its name', async () => {
  const lines = await printed('stats;');
  expect(lines.filter((line) => line.startsWith('connection'))).toEqual([
    'connection 1 (accounts to beta)',
    'connection 2 (a "b", c to beta)',
  ]);
  expect(lines.filter((line) => /^appliedSequence +41$/.test(line))).toHaveLength(2);
});

test('stats csv is a table that a spreadsheet reads', async () => {
  const [head = '', ...rows] = await printed('stats csv;');
  expect(head).toMatch(/^number,id,setName,targetName,queuedOps,/);
  expect(head).toMatch(/latencyP50Ms,latencyP99Ms$/);
  expect(rows).toHaveLength(2);
  expect(rows[0]?.split(',')).toHaveLength(head.split(',').length);
  expect(rows[1]).toContain(',"a ""b"", c",beta,');
  expect(await printed('stats 1 csv;')).toHaveLength(2);
});

test('stats json is one object to a line', async () => {
  const objects = (await printed('stats json;')).map((line) => JSON.parse(line) as { number: number });
  expect(objects.map(({ number }) => number)).toEqual([1, 2]);
});
