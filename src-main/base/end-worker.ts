/** A thread, or the part of one that is to end. `threadId` is -1 when it has. */
export interface Endable {
  readonly threadId: number;
  once(event: 'exit', listener: () => void): unknown;
  postMessage(message: unknown): void;
  unref(): void;
}

/**
 * Asks a thread to end with a message that it understands, and waits for that, at most `limitMs`. Resolves to whether it ended; one
 * that did not goes on by itself. The process may end without waiting for what it does; only a call of the system that it hangs in is waited for.
 *
 * No thread is ended by force. Ours call the system through native code, and that aborts the whole process when the thread it runs in is terminated
 * in the middle of a call: it cannot report its own failure any more.
 */
export async function endWorker(worker: Endable, message: unknown, limitMs: number): Promise<boolean> {
  if (worker.threadId === -1) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  worker.once('exit', () => resolve(true));
  worker.postMessage(message);
  const timer = setTimeout(() => {
    worker.unref();
    resolve(false);
  }, limitMs);
  const isEnded = await promise;
  clearTimeout(timer);
  return isEnded;
}
