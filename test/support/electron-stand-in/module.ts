import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { startDriver } from './driver.ts';
import { ipc } from './ipc.ts';
import { protocol } from './page-protocol.ts';
import { BrowserWindow } from './window.ts';

/**
 * The part of Electron's main-process API that the shell uses, without a screen: enough to run the built program and its built
 * preload for real. It keeps Electron's order of events (ready, before-quit, window close, exit) and its refusals.
 */
export { BrowserWindow, protocol };
export const ipcMain = ipc;

const home = process.env.STAND_IN_HOME ?? process.cwd();
const ready = Promise.withResolvers<undefined>();

class App extends EventEmitter {
  readonly isPackaged = false;

  requestSingleInstanceLock(): boolean {
    return process.env.STAND_IN_SECOND !== '1';
  }
  whenReady(): Promise<undefined> {
    return ready.promise;
  }
  getPath(name: string): string {
    return join(home, name);
  }
  getAppPath(): string {
    return process.cwd();
  }
  getVersion(): string {
    return '0.0.0';
  }
  quit(): void {
    const event = {
      isPrevented: false,
      preventDefault(): void {
        this.isPrevented = true;
      },
    };
    this.emit('before-quit', event);
    if (event.isPrevented) return;
    for (const window of BrowserWindow.getAllWindows()) window.close();
    this.emit('will-quit', { preventDefault: () => undefined });
    this.exit(0);
  }
  exit(code: number): void {
    process.exit(code);
  }
}
export const app = new App();

interface MenuItem {
  readonly label?: string;
  readonly role?: string;
  readonly click?: () => void;
  readonly submenu?: readonly MenuItem[];
}

export class Menu {
  static application: Menu | null = null;
  readonly items: readonly MenuItem[];

  constructor(items: readonly MenuItem[]) {
    this.items = items;
  }
  static buildFromTemplate(items: readonly MenuItem[]): Menu {
    return new Menu(items);
  }
  static setApplicationMenu(menu: Menu): void {
    Menu.application = menu;
  }
}

export class Tray extends EventEmitter {
  static last: Tray | null = null;
  toolTip = '';
  menu: Menu | null = null;

  constructor(image: { file: string }) {
    super();
    if (image.file === '') throw new Error('Failed to load image');
    Tray.last = this;
  }
  setToolTip(text: string): void {
    this.toolTip = text;
  }
  setContextMenu(menu: Menu): void {
    this.menu = menu;
  }
  destroy(): void {
    Tray.last = null;
  }
}

type PermissionAnswer = (isGranted: boolean) => void;
export const session = {
  defaultSession: {
    request: (_contents: unknown, _name: string, answer: PermissionAnswer): void => {
      answer(true);
    },
    check: (_contents: unknown, _name: string): boolean => true,
    setPermissionRequestHandler(handler: (contents: unknown, name: string, answer: PermissionAnswer) => void): void {
      this.request = handler;
    },
    setPermissionCheckHandler(handler: (contents: unknown, name: string) => boolean): void {
      this.check = handler;
    },
  },
};

export const errorBoxes: { readonly title: string; readonly text: string }[] = [];
export const dialog = {
  showErrorBox(title: string, text: string): void {
    errorBoxes.push({ title, text });
    process.send?.({ errorBox: { title, text } });
  },
};

export const nativeImage = { createFromPath: (file: string): { file: string } => ({ file }) };
export const nativeTheme = { shouldUseDarkColors: false };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
export const safeStorage = {
  isAsyncEncryptionAvailable: (): Promise<boolean> => Promise.resolve(true),
  getSelectedStorageBackend: (): string => 'gnome_libsecret',
  encryptStringAsync: (text: string): Promise<Buffer> => Promise.resolve(Buffer.from(text, 'utf8').reverse()),
  decryptStringAsync: (bytes: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> =>
    Promise.resolve({ result: Buffer.from(bytes).reverse().toString('utf8'), shouldReEncrypt: false }),
};

startDriver({ app, session, menuOf: () => Menu.application, tray: () => Tray.last });

// Ready comes later than the program's first synchronous part, as in Electron.
setImmediate(() => {
  protocol.setReady();
  ready.resolve(undefined);
});
