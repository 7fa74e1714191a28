import { expect, test } from 'vitest';
import type { MessageRow } from '../../../src-renderer/stores/messages.svelte.ts';
import { filterMessages, messagesAsText } from '../../../src-renderer/text/message-filter.ts';

const row = (id: number, severity: MessageRow['severity'], text: string): MessageRow => ({
  id,
  at: '2026-01-02T03:04:05.000Z',
  severity,
  text,
  connectionId: null,
  key: `${id}`,
  serverId: 'a',
  serverName: 'alpha',
});
const rows = [row(1, 'info', 'Mirror done'), row(2, 'warning', 'Link lost'), row(3, 'error', 'Disk full\non beta')];

test('messages are chosen by severity and by all words, in any order and case, also of the server', () => {
  expect(filterMessages(rows, 'info', '').map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(filterMessages(rows, 'warning', '').map(({ id }) => id)).toEqual([2, 3]);
  expect(filterMessages(rows, 'error', '').map(({ id }) => id)).toEqual([3]);
  expect(filterMessages(rows, 'info', 'LOST alpha').map(({ id }) => id)).toEqual([2]);
  expect(filterMessages(rows, 'info', 'lost mirror')).toEqual([]);
});

test('a message is one line of text, whatever it holds', () => {
  expect(messagesAsText(rows).split('\n')).toHaveLength(4);
  expect(messagesAsText(rows.slice(2))).toMatch(/\tError\talpha\tDisk full on beta\n$/);
});
