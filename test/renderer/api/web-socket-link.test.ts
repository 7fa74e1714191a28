import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocketLink, type SocketEvents } from '../../../src-renderer/api/web-socket-link.ts';

describe('the link over a WebSocket', () => {
  let sockets: { events: SocketEvents; sent: string[] }[];
  let link: WebSocketLink;
  const socket = (at = -1) => {
    const found = sockets.at(at);
    if (found === undefined) throw new Error('no socket was opened');
    return found;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    link = new WebSocketLink((events) => {
      const sent: string[] = [];
      sockets.push({ events, sent });
      return { send: (text) => void sent.push(text) };
    });
  });
  afterEach(() => vi.useRealTimers());

  test('a call travels with a number and takes the answer of that number', async () => {
    socket().events.onOpen();
    const first = link.invoke('servers.list', null);
    const second = link.invoke('servers.remove', { serverId: 'beta' });
    expect(socket().sent).toEqual([
      '{"id":1,"call":"servers.list","input":null}',
      '{"id":2,"call":"servers.remove","input":{"serverId":"beta"}}',
    ]);
    socket().events.onText(
      '{"id":2,"ok":false,"error":{"code":"unknown-server","text":"There is no such server.","details":{}}}',
    );
    socket().events.onText('{"id":1,"ok":true,"result":[]}');
    expect(await first).toEqual([]);
    await expect(second).rejects.toMatchObject({ code: 'unknown-server', text: 'There is no such server.' });
  });

  test('updates reach every listener until it leaves', () => {
    socket().events.onOpen();
    const heard: unknown[] = [];
    const leave = link.subscribe((update) => heard.push(update));
    socket().events.onText('{"update":{"name":"servers","value":[]}}');
    leave();
    socket().events.onText('{"update":{"name":"servers","value":[]}}');
    expect(heard).toEqual([{ name: 'servers', value: [] }]);
  });

  test('a lost link fails the calls in flight and is opened again with growing waits', async () => {
    socket().events.onOpen();
    const call = link.invoke('servers.list', null);
    socket().events.onClose();
    await expect(call).rejects.toMatchObject({ code: 'link-lost' });
    await expect(link.invoke('servers.list', null)).rejects.toMatchObject({ code: 'link-lost' });
    for (const waitMs of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      const before = sockets.length;
      expect(link.state.kind).toBe('waiting');
      vi.advanceTimersByTime(waitMs - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
      socket().events.onClose();
    }
    link.retry();
    socket().events.onOpen();
    expect(link.state.kind).toBe('open');
    socket().events.onClose();
    vi.advanceTimersByTime(500);
    expect(link.state.kind).toBe('connecting');
  });

  test('a socket that was given up is not listened to', () => {
    socket().events.onClose();
    link.retry();
    socket(1).events.onOpen();
    socket(0).events.onClose();
    expect(link.state.kind).toBe('open');
  });
});
