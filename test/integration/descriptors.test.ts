import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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

/** Six connections are in fewer threads than six: what one leaves behind at its end would stay for as long as the others go on. */
test('connections that share threads come and go, leave nothing open and do not disturb each other', async () => {
  await pair.call('source', 'set.create', { name: 'shared' });
  const from = `${pair.folder}/shared`;
  mkdirSync(from);
  await pair.call('source', 'set.add-rule', { name: 'shared', rule: { path: from, verdict: 'include', recursive: true } });
  await pair.call('source', 'set.save', { name: 'shared' });
  const most = Math.max(2, availableParallelism());
  const connect = async (name: string): Promise<string> => {
    const { id } = await pair.connect('shared', { kind: 'base', base: `${pair.folder}/${name}` }, { kind: 'different' });
    return id;
  };
  const arrives = (file: string, names: readonly string[]): Promise<unknown> => {
    writeFileSync(`${from}/${file}`, file);
    return eventually(`${file} is at ${names.join()}`, () =>
      names.every((name) => existsSync(`${pair.folder}/${name}${from}/${file}`)),
    );
  };
  const names = Array.from({ length: 2 * most }, (_, i) => `r${i}`);
  const ids: string[] = [];
  for (const name of names) ids.push(await connect(name));
  await arrives('first', names);
  expect(sourceThreads()).toBe(most);
  const [comesAndGoes = '', ...stay] = names;
  const end = (connectionId = '') => pair.call('source', 'connection.disconnect', { connectionId });
  let last = ids.shift();
  let open = 0;
  for (let round = 0; round < 9; round++) {
    await end(last);
    await arrives(`without-${round}`, stay);
    // What is on its way to be closed counts at first; what one round leaves behind counts eight times at the end.
    if (round === 0) open = descriptors().length;
    else if (round === 8) await eventually('no more is open than after the first', () => descriptors().length <= open);
    last = await connect(comesAndGoes);
    await arrives(`with-${round}`, names);
  }
  for (const id of [...ids, last]) await end(id);
  await eventually('no thread is left', () => sourceThreads() === 0);
});

function sourceThreads(): number {
  const folder = `/proc/${String(pair.services.source.pid)}/task`;
  const isSource = (thread: string) => {
    try {
      return readFileSync(`${folder}/${thread}/comm`, 'utf8') === 'source\n';
    } catch {
      return false; // it ended meanwhile
    }
  };
  return readdirSync(folder).filter(isSource).length;
}

function captureInstances(): number {
  return descriptors().filter((link) => link === 'anon_inode:inotify' || link === 'anon_inode:[fanotify]').length;
}

function descriptors(): string[] {
  const folder = `/proc/${String(pair.services.source.pid)}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(`${folder}/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
}
