import { expect, test } from 'vitest';
import type { MessageEntry } from '../../../src-main/api/index.ts';
import { Messages } from '../../../src-renderer/stores/messages.svelte.ts';
import { FakeLink, server } from '../fake-link.ts';

const entry = (id: number, at: string): MessageEntry => ({
  id,
  at: `2026-01-02T03:00:${at}.000Z`,
  severity: 'info',
  text: `message ${id}`,
  connectionId: null,
});
const alpha = server('alpha');
const texts = (messages: Messages) => messages.list.map(({ text, serverName }) => `${serverName}: ${text}`);

async function open(): Promise<Messages> {
  const messages = new Messages(new FakeLink({ 'message.list': () => [entry(1, '10'), entry(3, '30')] }));
  await messages.loadOnce(alpha);
  return messages;
}

test('messages of all servers are in order of time, and none is there twice', async () => {
  const messages = await open();
  messages.receive({ name: 'message', serverId: 'beta', value: entry(1, '20') }, [alpha, server('beta')]);
  messages.receive({ name: 'message', serverId: 'alpha', value: entry(3, '30') }, [alpha]);
  expect(texts(messages)).toEqual(['alpha: message 1', 'beta: message 1', 'alpha: message 3']);
});

test('a pause shows what was there and counts what came; clearing keeps the pause', async () => {
  const messages = await open();
  messages.pause();
  messages.receive({ name: 'message', serverId: 'alpha', value: entry(4, '40') }, [alpha]);
  expect(messages.list).toHaveLength(2);
  expect(messages.waitingCount).toBe(1);
  messages.resume();
  expect(messages.list).toHaveLength(3);
  messages.pause();
  messages.clear();
  expect(messages.list).toEqual([]);
  expect(messages.isPaused).toBe(true);
});

test('what a server logged before is asked for once, and again after it was away', async () => {
  const link = new FakeLink({ 'message.list': () => [entry(1, '10')] });
  const messages = new Messages(link);
  await messages.loadOnce(alpha);
  await messages.loadOnce(alpha);
  expect(link.calls).toHaveLength(1);
  await messages.loadOnce(server('alpha', { state: { kind: 'connecting', since: '' } }));
  await messages.loadOnce(alpha);
  expect(link.calls).toHaveLength(2);
  expect(messages.list).toHaveLength(1);
});

test('only the newest 5,000 are kept', () => {
  const messages = new Messages(new FakeLink());
  for (let id = 1; id <= 5010; id++) {
    messages.receive(
      { name: 'message', serverId: 'alpha', value: { ...entry(id, '10'), at: new Date(id * 1000).toISOString() } },
      [alpha],
    );
  }
  expect(messages.list).toHaveLength(5000);
  expect(messages.list[0]?.id).toBe(11);
});
