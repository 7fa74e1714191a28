/**
 * The bridge: gives the console's page `window.understudy` with invoke and subscribe for the names in `api`, nothing else.
 * It runs sandboxed, so it is built as one file; it shares types with the rest and no code.
 */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { CallError, ConsoleCallName, ConsoleUpdate } from '../api/index.ts';

/** A call that is added to the contract does not compile until it is allowed here. */
const allowed: Readonly<Record<ConsoleCallName, true>> = {
  'console.info': true,
  'servers.list': true,
  'servers.probe': true,
  'servers.add': true,
  'servers.remove': true,
  'servers.login': true,
  'servers.logout': true,
  'service.call': true,
  'replication.connect': true,
  'replication.restore': true,
  'replication.drill': true,
  'statistics.history': true,
  'script.run': true,
  'script.complete': true,
  'script.stop': true,
};

/** Errors travel and are thrown as plain objects: an Error loses its own properties when it crosses the context bridge. */
type Answer = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: CallError };

contextBridge.exposeInMainWorld('understudy', {
  /** Resolves with the call's result; rejects with a CallError object. */
  async invoke(call: string, input: unknown): Promise<unknown> {
    if (!Object.hasOwn(allowed, call)) {
      const error: CallError = { code: 'unknown-call', text: `The console has no call named "${call}".`, details: { call } };
      throw error as unknown as Error;
    }
    const answer = (await ipcRenderer.invoke('understudy:invoke', call, input)) as Answer;
    if (answer.ok) return answer.result;
    throw answer.error as unknown as Error;
  },
  /** Updates from now on; the returned function ends them. */
  subscribe(listener: (update: ConsoleUpdate) => void): () => void {
    const onUpdate = (_event: IpcRendererEvent, update: ConsoleUpdate): void => {
      listener(update);
    };
    ipcRenderer.on('understudy:update', onUpdate);
    return () => void ipcRenderer.off('understudy:update', onUpdate);
  },
});
