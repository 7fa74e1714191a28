import type { BrowserWindow, Tray } from 'electron';
import { join } from 'node:path';
import type { CallError } from '../api/index.ts';
import type { Log } from '../base/index.ts';
import { bridgeConsole, type ShellConsole } from './ipc.ts';
import { applicationMenu, trayMenu, type MenuActions } from './menu.ts';
import { refusePermissions, registerPageScheme, servePage } from './page.ts';
import { StateWord } from './state-word.ts';
import { openConsoleWindow } from './window.ts';

/** The parts of Electron that the shell uses; passed in, so that its behaviour can be seen without a display. */
export type ElectronParts = Pick<
  typeof import('electron'),
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'nativeImage'
  | 'nativeTheme'
  | 'protocol'
  | 'safeStorage'
  | 'screen'
  | 'session'
  | 'Tray'
>;

/** A console that can be closed: stops the embedded service cleanly. */
export interface OpenConsole extends ShellConsole {
  close(): Promise<void>;
}

export interface ShellOptions {
  readonly electron: ElectronParts;
  readonly platform: NodeJS.Platform;
  /** The folder that holds `main`, `preload` and `renderer`. */
  readonly distFolder: string;
  readonly resourcesFolder: string;
  readonly openConsole: () => Promise<OpenConsole>;
  readonly toCallError: (error: unknown) => CallError;
  readonly log: Log;
}

const CLOSE_LIMIT_MS = 20_000;

/**
 * starting → open ⇄ hidden (the window is closed, replication goes on, the tray stays) → closing → ended.
 * One instance per user: a second start shows the window of the first and ends.
 */
export class Shell {
  readonly #options: ShellOptions;
  readonly #electron: ElectronParts;
  readonly #stateWord = new StateWord();
  #console: OpenConsole | null = null;
  #window: BrowserWindow | null = null;
  #tray: Tray | null = null;
  #closing: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#electron = options.electron;
  }

  /** Resolves when the window was opened, or at once when another instance has it. Must be called before Electron is ready. */
  async start(): Promise<void> {
    const { app, dialog, Menu, protocol, session } = this.#electron;
    if (!app.requestSingleInstanceLock()) {
      app.quit();
      return;
    }
    registerPageScheme(protocol);
    app.on('second-instance', () => {
      this.#show();
    });
    app.on('activate', () => {
      this.#show();
    });
    // Without a listener Electron would quit with the last window; replication goes on until a person quits.
    app.on('window-all-closed', () => undefined);
    app.on('before-quit', (event) => {
      if (this.#isClosed) return;
      event.preventDefault();
      void this.#quit();
    });
    await app.whenReady();
    refusePermissions(session.defaultSession);
    servePage(protocol, join(this.#options.distFolder, 'renderer'));
    Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(this.#options.platform, this.#actions)));
    try {
      this.#console = await this.#options.openConsole();
    } catch (error) {
      const { text } = this.#options.toCallError(error);
      this.#options.log.error('the console did not start', { error });
      dialog.showErrorBox('Understudy could not start', text);
      this.#isClosed = true;
      app.exit(1);
      return;
    }
    bridgeConsole({
      ipcMain: this.#electron.ipcMain,
      console: this.#console,
      toCallError: this.#options.toCallError,
      windows: () => this.#electron.BrowserWindow.getAllWindows(),
    });
    this.#openTray(this.#console);
    this.#show();
  }

  get #actions(): MenuActions {
    return {
      open: () => {
        this.#show();
      },
      quit: () => {
        this.#electron.app.quit();
      },
    };
  }

  #show(): void {
    if (this.#console === null || this.#closing !== null) return;
    if (this.#window === null) {
      this.#window = openConsoleWindow({
        createWindow: (options) => new this.#electron.BrowserWindow(options),
        preloadFile: join(this.#options.distFolder, 'preload/index.cjs'),
        iconFile: join(this.#options.resourcesFolder, 'icons/icon.png'),
        boundsFile: join(this.#electron.app.getPath('userData'), 'window.json'),
        displays: this.#electron.screen.getAllDisplays().map((display) => display.workArea),
        isDark: this.#electron.nativeTheme.shouldUseDarkColors,
        log: this.#options.log,
      });
      this.#window.once('closed', () => {
        this.#window = null;
      });
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  #openTray(console: ShellConsole): void {
    const icon = this.#electron.nativeImage.createFromPath(join(this.#options.resourcesFolder, 'icons/tray.png'));
    try {
      this.#tray = new this.#electron.Tray(icon);
    } catch (error) {
      // Some Linux desktops have no tray; the window can be opened again by starting the program again.
      this.#options.log.warn('no tray icon', { error });
      return;
    }
    this.#tray.on('click', () => {
      this.#show();
    });
    let shown: string | null = null;
    const refresh = (): void => {
      const text = this.#stateWord.text;
      if (text === shown) return;
      shown = text;
      this.#tray?.setToolTip(`Understudy: ${text}`);
      this.#tray?.setContextMenu(this.#electron.Menu.buildFromTemplate(trayMenu(text, this.#actions)));
    };
    refresh();
    console.subscribe((update) => {
      if (this.#stateWord.take(update)) refresh();
    });
  }

  /** Stops the service first and ends afterwards, even if stopping fails or hangs: queues are durable, a person who quits wants an end. */
  #quit(): Promise<void> {
    this.#closing ??= (async () => {
      const limit = Promise.withResolvers<'late'>();
      const timer = setTimeout(() => {
        limit.resolve('late');
      }, CLOSE_LIMIT_MS);
      try {
        const outcome = await Promise.race([this.#console?.close(), limit.promise]);
        if (outcome === 'late') this.#options.log.error('the service did not stop in time', { limitMs: CLOSE_LIMIT_MS });
      } catch (error) {
        this.#options.log.error('the service did not stop cleanly', { error });
      } finally {
        clearTimeout(timer);
      }
      this.#tray?.destroy();
      this.#isClosed = true;
      this.#electron.app.quit();
    })();
    return this.#closing;
  }
}
