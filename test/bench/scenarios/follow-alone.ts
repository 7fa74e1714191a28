import { MessageChannel, Worker } from 'node:worker_threads';
import { initialConnectionSettings } from '../../../src-main/api/index.ts';
import { workerEntry } from '../../../src-main/base/index.ts';
import type { FromCapture } from '../../../src-main/engine/connection/source/source-protocol.ts';

/** How changes are noticed; `ranges`: fanotify that also notices which bytes of large files are written. */
export type Method = 'inotify' | 'fanotify' | 'ranges';

export interface Following {
  /** Whether any byte ranges were noticed so far. */
  rangesTold(): boolean;
  stop(): Promise<void>;
}

/**
 * Follows a folder with the thread that a connection has for it, and nothing else of a connection. Rejects when it would be another method than
 * the one that is asked for.
 */
export async function followAlone(folder: string, method: Method, rangesFromBytes: number): Promise<Following> {
  const settings = {
    ...initialConnectionSettings.capture,
    method: method === 'inotify' ? 'inotify' : 'fanotify',
    ranges: method === 'ranges',
    rangesFromBytes,
  };
  const { port1, port2 } = new MessageChannel();
  const rules = [{ path: folder, verdict: 'include', recursive: true }];
  const workerData = {
    roots: [folder],
    rules,
    volumes: [],
    settings,
    answersFd: new SharedArrayBuffer(4),
    bell: `${folder}.bell`,
    port: port2,
  };
  const worker = new Worker(workerEntry('capture-worker'), { workerData, transferList: [port2] });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let wereRangesTold = false;
  const first = new Promise<FromCapture>((resolve) => {
    port1.on('message', (message: FromCapture) => {
      resolve(message);
      wereRangesTold ||= message.kind === 'ranges';
    });
  });
  const stop = async (): Promise<void> => {
    worker.postMessage({ kind: 'stop' });
    await ended;
    port1.close();
  };
  const started = await first;
  const wanted = method === 'ranges' ? 'fanotify with ranges' : method;
  if (started.kind === 'started' && started.method === wanted) return { rangesTold: () => wereRangesTold, stop };
  await stop();
  throw new Error(started.kind === 'started' ? `${started.method} would follow. ${started.why}` : 'the capture did not start');
}
