import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compareTrees } from '../../../src-main/engine/verify/index.ts';
import { eventually } from '../../support/eventually.ts';
import { LinkProxy } from '../../support/link-proxy.ts';
import { operate } from '../../support/property/operations.ts';
import { Random } from '../../support/property/random.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('the same seed does the same operations and leaves the same tree', async () => {
  const roots = ['first', 'second'].map((name) => {
    const folder = join(tempFolder(), name);
    mkdirSync(`${folder}/root`, { recursive: true });
    mkdirSync(`${folder}/outside`);
    return folder;
  });
  const logs = roots.map((folder) => {
    const ground = { root: `${folder}/root`, outside: `${folder}/outside`, random: new Random(42) };
    return Array.from({ length: 400 }, () => operate(ground));
  });
  expect(logs[0]).toEqual(logs[1]);
  expect(new Set(logs[0]?.map((line) => line.split(/ [/o]/)[0])).size).toBeGreaterThan(20);
  const [from = '', to = ''] = roots.map((folder) => `${folder}/root`);
  const { list, files } = await compareTrees([{ from, to }], { bytes: true });
  expect(list.filter(({ what }) => what !== 'modified')).toEqual([]);
  expect(files).toBeGreaterThan(5);
});

test('the proxy relays, cuts in the middle, refuses while cut, and relays again', async () => {
  let received = Buffer.alloc(0);
  const target = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => (received = Buffer.concat([received, chunk])));
    socket.write('hello');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const address = target.address();
  const proxy = await LinkProxy.open(() => (typeof address === 'object' && address !== null ? address.port : 0));
  onTestFinished(async () => {
    await proxy.close();
    target.close();
  });
  const dial = async () => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    const state = { socket, isClosed: false, text: '' };
    socket.on('error', () => undefined);
    socket.on('close', () => (state.isClosed = true));
    socket.on('data', (chunk) => (state.text += chunk.toString()));
    await eventually('an answer', () => state.isClosed || state.text === 'hello');
    return state;
  };
  const first = await dial();
  proxy.cutAfter(4);
  first.socket.write('abcdefgh');
  await eventually('the cut', () => first.isClosed);
  expect(received.toString()).toBe('abcd'.slice(0, received.length));
  expect((await dial()).isClosed).toBe(true);
  proxy.restore();
  const second = await dial();
  expect(second.isClosed).toBe(false);
  second.socket.destroy();
});
