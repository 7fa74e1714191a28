import type { EventEmitter } from 'node:events';
import { ipc } from './ipc.ts';
import { protocol } from './page-protocol.ts';
import { BrowserWindow, type Exposed } from './window.ts';

interface MenuLike {
  readonly items: readonly { readonly label?: string; readonly click?: () => void }[];
}

interface Parts {
  readonly app: EventEmitter & { quit(): void };
  readonly session: {
    readonly defaultSession: {
      request(contents: unknown, name: string, answer: (granted: boolean) => void): void;
      check(contents: unknown, name: string): boolean;
    };
  };
  readonly menuOf: () => MenuLike | null;
  readonly tray: () => { readonly toolTip: string; readonly menu: MenuLike | null } | null;
}

/** Answers the test's questions over the process's message channel: what a person sees and does, and what a page does. */
export function startDriver({ app, session, tray }: Parts): void {
  const updates: unknown[] = [];
  const firstWindow = (): BrowserWindow => {
    const window = BrowserWindow.getAllWindows()[0];
    if (window === undefined) throw new Error('no window is open');
    return window;
  };
  const bridge = (): Exposed => firstWindow().exposed.understudy as Exposed;

  const actions: Readonly<Record<string, (...values: never[]) => unknown>> = {
    windows: () =>
      BrowserWindow.getAllWindows().map((window) => ({
        options: window.options,
        counts: window.counts,
        url: window.webContents.url,
        document: window.document,
        exposed: Object.fromEntries(Object.entries(window.exposed).map(([name, api]) => [name, Object.keys(api as object)])),
      })),
    tray: () => ({ toolTip: tray()?.toolTip, labels: tray()?.menu?.items.map((item) => item.label ?? '-') }),
    clickTray: (label: string) =>
      tray()
        ?.menu?.items.find((item) => item.label === label)
        ?.click?.(),
    invoke: async (call: string, input: unknown) => {
      try {
        return { result: await bridge().invoke(call, input) };
      } catch (error) {
        return { error };
      }
    },
    subscribe: () => void bridge().subscribe((update) => updates.push(update)),
    updates: () => updates,
    invokeFrom: (url: string, isSubFrame: boolean, call: string, input: unknown) =>
      ipc.deliver('understudy:invoke', { url, parent: isSubFrame ? {} : null }, [call, input]),
    navigate: (event: string, url: string) => {
      let isPrevented = false;
      firstWindow().webContents.emit(event, { url, preventDefault: () => (isPrevented = true) });
      return isPrevented;
    },
    openWindow: (url: string) => firstWindow().webContents.openHandler?.({ url }).action,
    permission: (name: string) =>
      new Promise((resolve) => {
        session.defaultSession.request({}, name, resolve);
      }),
    permissionCheck: (name: string) => session.defaultSession.check({}, name),
    fetch: async (url: string) => {
      const response = await protocol.fetch(url);
      return { status: response.status, policy: response.headers.get('content-security-policy') };
    },
    minimise: () => void (firstWindow().isMini = true),
    closeWindow: () => {
      firstWindow().close();
      if (BrowserWindow.getAllWindows().length === 0) app.emit('window-all-closed');
    },
    secondInstance: () => app.emit('second-instance'),
    quit: () => {
      app.quit();
    },
  };

  process.on('message', (message: { id: number; action: string; values: never[] }) => {
    void (async () => {
      try {
        const result = await actions[message.action]?.(...message.values);
        process.send?.({ id: message.id, result: result ?? null });
      } catch (error) {
        process.send?.({ id: message.id, failure: String(error) });
      }
    })();
  });
}
