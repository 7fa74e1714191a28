import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { ipc } from './ipc.ts';
import { protocol } from './page-protocol.ts';

/** What the preload gave to the page. */
export interface Exposed {
  invoke(call: string, input: unknown): Promise<unknown>;
  subscribe(listener: (update: unknown) => void): () => void;
}

export interface WindowOptions {
  readonly width: number;
  readonly height: number;
  readonly show: boolean;
  readonly webPreferences: Readonly<Record<string, unknown>> & { readonly preload: string };
}

const open: BrowserWindow[] = [];

class WebContents extends EventEmitter {
  url = '';
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  readonly renderer = new EventEmitter();
  isGone = false;

  send(channel: string, ...values: unknown[]): void {
    this.renderer.emit(channel, {}, ...values.map((value) => structuredClone(value)));
  }

  isDestroyed(): boolean {
    return this.isGone;
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
}

/** A window without a screen: loads the page's document through the registered scheme and runs the real preload in a context of its own. */
export class BrowserWindow extends EventEmitter {
  readonly options: WindowOptions;
  readonly webContents = new WebContents();
  readonly counts = { shown: 0, focused: 0, restored: 0 };
  exposed: Record<string, unknown> = {};
  isMini = false;
  document = '';

  static getAllWindows(): BrowserWindow[] {
    return [...open];
  }

  constructor(options: WindowOptions) {
    super();
    this.options = options;
    open.push(this);
  }

  async loadURL(url: string): Promise<void> {
    this.webContents.url = url;
    const response = await protocol.fetch(url);
    if (response.status !== 200) throw new Error(`${url}: ${response.status}`);
    this.document = await response.text();
    this.#runPreload();
    this.emit('ready-to-show');
  }

  /** As in a sandbox: the preload may require `electron` alone, and sees only the parts that a renderer has. */
  #runPreload(): void {
    const { renderer } = this.webContents;
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name: string, api: unknown) => {
          this.exposed[name] = api;
        },
      },
      ipcRenderer: {
        invoke: (channel: string, ...values: unknown[]) =>
          ipc.deliver(channel, { url: this.webContents.url, parent: null }, values),
        on: renderer.on.bind(renderer),
        off: renderer.off.bind(renderer),
      },
    };
    const require = (name: string): unknown => {
      if (name !== 'electron') throw new Error(`a sandboxed preload cannot require ${name}`);
      return electron;
    };
    const context = createContext({ require, module: { exports: {} }, exports: {} });
    runInContext(readFileSync(this.options.webPreferences.preload, 'utf8'), context);
  }

  show(): void {
    this.counts.shown++;
  }
  focus(): void {
    this.counts.focused++;
  }
  isMinimized(): boolean {
    return this.isMini;
  }
  restore(): void {
    this.isMini = false;
    this.counts.restored++;
  }
  maximize(): void {
    this.emit('maximize');
  }
  isMaximized(): boolean {
    return false;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 10, y: 20, width: this.options.width, height: this.options.height };
  }

  close(): void {
    this.emit('close', { preventDefault: () => undefined });
    this.webContents.isGone = true;
    open.splice(open.indexOf(this), 1);
    this.emit('closed');
  }
}
