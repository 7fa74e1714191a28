import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import type { Log } from '../base/index.ts';
import { isConsolePage, PAGE_URL } from './page.ts';
import { loadBounds, saveBounds } from './window-bounds.ts';

export interface WindowOptions {
  readonly createWindow: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly preloadFile: string;
  readonly iconFile: string;
  readonly boundsFile: string;
  readonly displays: readonly Rectangle[];
  readonly isDark: boolean;
  readonly log: Log;
}

/** Opens the console's window: sandboxed, without Node, and unable to leave our own page. */
export function openConsoleWindow(options: WindowOptions): BrowserWindow {
  const { isMaximised, ...place } = loadBounds(options.boundsFile, options.displays);
  const window = options.createWindow({
    ...place,
    minWidth: 960,
    minHeight: 600,
    title: 'Understudy',
    icon: options.iconFile,
    // Shown when painted: an empty white window that fills later looks broken.
    show: false,
    backgroundColor: options.isDark ? '#161616' : '#ffffff',
    webPreferences: {
      preload: options.preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  const stayHere = (event: { preventDefault(): void }, url: string): void => {
    if (!isConsolePage(url)) event.preventDefault();
  };
  webContents.on('will-navigate', (event) => {
    stayHere(event, event.url);
  });
  webContents.on('will-redirect', (event) => {
    stayHere(event, event.url);
  });
  webContents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  window.once('ready-to-show', () => {
    if (isMaximised) window.maximize();
    window.show();
  });
  window.on('close', () => {
    try {
      saveBounds(options.boundsFile, window.getNormalBounds(), window.isMaximized());
    } catch (error) {
      // A full disk, say: the window opens at its default place next time, which is no reason to keep it open now.
      options.log.warn('the place of the window was not kept', { error });
    }
  });
  void window.loadURL(PAGE_URL);
  return window;
}
