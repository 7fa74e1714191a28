import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsoleInfo, KnownServer } from '../../src-main/api/index.ts';
import { DesktopShell } from '../support/desktop-shell.ts';
import { eventually } from '../support/eventually.ts';

interface WindowView {
  readonly options: {
    readonly width: number;
    readonly height: number;
    readonly webPreferences: Readonly<Record<string, unknown>>;
  };
  readonly counts: { readonly shown: number; readonly focused: number; readonly restored: number };
  readonly url: string;
  readonly document: string;
  readonly exposed: Readonly<Record<string, readonly string[]>>;
}
type Answer<T> = { readonly result: T } | { readonly error: { readonly code: string; readonly text: string } };

/** A program that starts, and its service with it. */
async function openedWindow(shell: DesktopShell): Promise<WindowView> {
  const isShown = async () => {
    const [window] = await shell.ask<readonly WindowView[]>('windows');
    return window !== undefined && window.counts.shown > 0 ? window : null;
  };
  return eventually('the window is shown', isShown, 60_000);
}

describe('the built desktop program', () => {
  let shell: DesktopShell;
  beforeAll(async () => {
    shell = DesktopShell.start();
    await openedWindow(shell);
  });
  afterAll(async () => {
    await shell.dispose();
  });

  test('opens one sandboxed window with the built page in it', async () => {
    const window = await openedWindow(shell);
    expect(window.options).toMatchObject({ width: 1280, height: 800 });
    expect(window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
    });
    expect(window.url).toBe('understudy://console/index.html');
    expect(window.document).toContain('<script type="module"');
  });

  test('the page finds invoke and subscribe, and nothing else', async () => {
    expect((await openedWindow(shell)).exposed).toEqual({ understudy: ['invoke', 'subscribe'] });
  });

  test('a call of the page reaches the embedded console and its result comes back', async () => {
    expect(await shell.ask<Answer<ConsoleInfo>>('invoke', 'console.info', null)).toMatchObject({ result: { shell: 'electron' } });
    const { result: servers } = await shell.ask<{ result: readonly KnownServer[] }>('invoke', 'servers.list', null);
    const embedded = servers.find((server) => server.isEmbedded);
    expect(embedded?.state).toMatchObject({ kind: 'online', role: 'admin' });
    const sets = await shell.ask<Answer<unknown>>('invoke', 'service.call', {
      serverId: embedded?.id,
      call: 'set.list',
      input: null,
    });
    expect(sets).toEqual({ result: [] });
  });

  test('a failure arrives with its code and its sentence', async () => {
    const unknown = await shell.ask<Answer<null>>('invoke', 'servers.remove', { serverId: 'nobody' });
    expect(unknown).toMatchObject({ error: { code: 'unknown-server' } });
    const input = await shell.ask<Answer<null>>('invoke', 'servers.remove', { server: 7 });
    expect(input).toMatchObject({ error: { code: 'bad-input' } });
  });

  test('a name outside the contract is refused by the bridge, and again behind it', async () => {
    expect(await shell.ask('invoke', 'app.quit', null)).toMatchObject({ error: { code: 'unknown-call' } });
    const behind = await shell.ask('invokeFrom', 'understudy://console/index.html', false, 'toString', null);
    expect(behind).toMatchObject({ ok: false, error: { code: 'unknown-call' } });
  });

  test.each([
    ['a foreign page', 'https://example.test/', false],
    ['a file', 'file:///tmp/index.html', false],
    ['a frame inside our page', 'understudy://console/index.html', true],
  ])('%s gets no answer', async (_who, url, isSubFrame) => {
    expect(await shell.ask('invokeFrom', url, isSubFrame, 'console.info', null)).toMatchObject({
      ok: false,
      error: { code: 'not-allowed' },
    });
  });

  test('an update of the service reaches the page and the tray', async () => {
    await shell.ask('subscribe');
    const { result: servers } = await shell.ask<{ result: readonly KnownServer[] }>('invoke', 'servers.list', null);
    const serverId = servers.find((server) => server.isEmbedded)?.id;
    const created = await shell.ask<Answer<unknown>>('invoke', 'service.call', {
      serverId,
      call: 'set.create',
      input: { name: 'papers' },
    });
    expect(created).toMatchObject({ result: { name: 'papers' } });
    await eventually('the set is pushed to the page', async () => JSON.stringify(await shell.ask('updates')).includes('papers'));
    expect(await shell.ask('tray')).toMatchObject({ toolTip: 'Understudy: Nothing is replicated' });
  });

  test('the page cannot leave, open windows or get permissions', async () => {
    expect(await shell.ask('navigate', 'will-navigate', 'https://example.test/')).toBe(true);
    expect(await shell.ask('navigate', 'will-redirect', 'https://example.test/')).toBe(true);
    expect(await shell.ask('navigate', 'will-navigate', 'understudy://console/index.html#sets')).toBe(false);
    expect(await shell.ask('openWindow', 'https://example.test/')).toBe('deny');
    expect(await shell.ask('permission', 'media')).toBe(false);
    expect(await shell.ask('permissionCheck', 'clipboard-read')).toBe(false);
    expect(await shell.ask('permissionCheck', 'clipboard-sanitized-write')).toBe(true);
    expect(await shell.ask('fetch', 'understudy://console/index.html')).toMatchObject({
      status: 200,
      policy: expect.stringContaining("default-src 'none'") as string,
    });
  });

  test('a second start shows the first window again and ends by itself', async () => {
    await shell.ask('minimise');
    await shell.ask('secondInstance');
    expect((await openedWindow(shell)).counts).toMatchObject({ focused: 1, restored: 1 });
    const second = DesktopShell.start({ isSecond: true });
    expect(await second.ended).toBe(0);
    await second.dispose();
  });

  test('closing the window keeps the program; the tray opens it again at its old place', async () => {
    await shell.ask('closeWindow');
    expect(await shell.ask('windows')).toEqual([]);
    expect(JSON.parse(readFileSync(join(shell.home, 'userData/window.json'), 'utf8'))).toMatchObject({
      x: 10,
      y: 20,
      width: 1280,
    });
    await shell.ask('clickTray', 'Open the console');
    expect((await openedWindow(shell)).options).toMatchObject({ x: 10, y: 20, width: 1280, height: 800 });
  });

  test('a second program on the same data says so in a box and ends', async () => {
    const rival = DesktopShell.start({ home: shell.home });
    expect(await rival.ended).toBe(1);
    expect(rival.errorBoxes).toMatchObject([{ title: 'Understudy could not start' }]);
  });
});

test.each(['menu', 'SIGTERM'] as const)(
  'quitting by %s stops the service cleanly: what it knew is there at the next start',
  async (way) => {
    const first = DesktopShell.start();
    await openedWindow(first);
    const { result: servers } = await first.ask<{ result: readonly KnownServer[] }>('invoke', 'servers.list', null);
    const serverId = servers.find((server) => server.isEmbedded)?.id;
    await first.ask('invoke', 'service.call', { serverId, call: 'set.create', input: { name: 'kept' } });
    await first.ask('invoke', 'service.call', {
      serverId,
      call: 'set.add-rule',
      input: { name: 'kept', rule: { path: first.home, verdict: 'include', recursive: true } },
    });
    await first.ask('invoke', 'service.call', { serverId, call: 'set.save', input: { name: 'kept' } });
    if (way === 'menu') void first.ask('clickTray', 'Quit: stops replication from this machine').catch(() => undefined);
    else first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(existsSync(join(first.home, 'understudy'))).toBe(true);

    const next = DesktopShell.start({ home: first.home });
    await openedWindow(next);
    const { result: again } = await next.ask<{ result: readonly KnownServer[] }>('invoke', 'servers.list', null);
    const sets = await next.ask('invoke', 'service.call', {
      serverId: again.find((server) => server.isEmbedded)?.id,
      call: 'set.list',
      input: null,
    });
    expect(sets).toMatchObject({ result: [{ name: 'kept', saved: true }] });
    await next.dispose();
  },
);
