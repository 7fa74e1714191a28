import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import { consoleInputs, type CallError, type ConsoleCallName, type ConsoleUpdate } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import { isConsolePage } from './page.ts';

export const INVOKE_CHANNEL = 'understudy:invoke';
export const UPDATE_CHANNEL = 'understudy:update';

/** The console as the shell sees it. Inputs are checked behind it, by the console room. */
export interface ShellConsole {
  invoke(call: ConsoleCallName, input: unknown): Promise<unknown>;
  subscribe(listener: (update: ConsoleUpdate) => void): () => void;
}

/** An answer as it crosses IPC: a rejection there would arrive as a bare text, so failures are values. */
export type Answer = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: CallError };

export interface BridgeOptions {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>;
  readonly console: ShellConsole;
  readonly toCallError: (error: unknown) => CallError;
  /** The open windows, asked for at each update. */
  readonly windows: () => readonly { readonly webContents: Pick<WebContents, 'send' | 'isDestroyed'> }[];
}

/** Joins the page to the console: one channel for calls, one for updates. Only the console's own top frame is answered. */
export function bridgeConsole(options: BridgeOptions): () => void {
  options.ipcMain.handle(INVOKE_CHANNEL, async (event: IpcMainInvokeEvent, call: unknown, input: unknown): Promise<Answer> => {
    try {
      const frame = event.senderFrame;
      if (frame?.parent !== null || !isConsolePage(frame.url))
        throw new ReplicationError('not-allowed', { text: 'foreign page' });
      if (!isCallName(call)) throw new ReplicationError('unknown-call', { call: String(call) });
      return { ok: true, result: (await options.console.invoke(call, input)) ?? null };
    } catch (error) {
      return { ok: false, error: options.toCallError(error) };
    }
  });
  const unsubscribe = options.console.subscribe((update) => {
    for (const { webContents } of options.windows()) if (!webContents.isDestroyed()) webContents.send(UPDATE_CHANNEL, update);
  });
  return () => {
    unsubscribe();
    options.ipcMain.removeHandler(INVOKE_CHANNEL);
  };
}

function isCallName(value: unknown): value is ConsoleCallName {
  return typeof value === 'string' && Object.hasOwn(consoleInputs, value);
}
