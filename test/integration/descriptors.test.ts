import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

/** A system has few inotify instances; a rotation that connects and disconnects twice a day must not use them up. */
test('a disconnected connection leaves no inotify or fanotify instance open', async () => {
  const from = `${pair.folder}/tree`;
  mkdirSync(from);
  writeFileSync(`${from}/file`, 'content');
  await pair.call('source', 'set.create', { name: 'often' });
  await pair.call('source', 'set.add-rule', { name: 'often', rule: { path: from, verdict: 'include', recursive: true } });
  await pair.call('source', 'set.save', { name: 'often' });
  for (let round = 0; round < 3; round++) {
    const { id } = await pair.connect('often', { kind: 'base', base: `${pair.folder}/replica` }, { kind: 'different' });
    await eventually('it follows', async () => {
      const { replication } = await pair.call('source', 'connection.get', { connectionId: id });
      return replication === 'replicating';
    });
    expect(captureInstances()).toBe(1);
    await pair.call('source', 'connection.disconnect', { connectionId: id });
    expect(captureInstances()).toBe(0);
  }
});

function captureInstances(): number {
  const folder = `/proc/${String(pair.services.source.pid)}/fd`;
  const links = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`);
    } catch {
      return ''; // closed meanwhile
    }
  });
  return links.filter((link) => link === 'anon_inode:inotify' || link === 'anon_inode:[fanotify]').length;
}
