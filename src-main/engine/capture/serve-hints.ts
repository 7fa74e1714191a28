import { watch, type FSWatcher } from 'node:fs';
import { assertNever } from '../../base/index.ts';
import { codedError, native } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import type { FromWatcher, Hint, NotWatched, ToWatcher, WatcherData } from './watch-thread.ts';

/** Watches folders with `fs.watch` and posts what it hints at, gathered over one turn of the event loop. */
export function serveHints({ port, shared, floodHints }: WatcherData): void {
  const count = new Int32Array(shared);
  const watchers = new Map<number, FSWatcher>();
  let hints: Hint[] = [];
  let isComplete = true;
  let isDue = false;

  const post = (message: FromWatcher): void => {
    port.postMessage(message);
    Atomics.add(count, 0, 1);
    Atomics.notify(count, 0);
  };
  const flush = (): void => {
    isDue = false;
    if (hints.length === 0 && isComplete) return;
    // libuv empties the kernel's queue within one turn: so much at once, and it may have been full.
    post({ kind: 'hints', hints, isComplete: isComplete && hints.length < floodHints });
    hints = [];
    isComplete = true;
  };
  const heard = (hint: Hint | null): void => {
    if (hint === null) isComplete = false;
    else hints.push(hint);
    if (isDue) return;
    isDue = true;
    setImmediate(flush);
  };
  const begin = (id: number, path: AbsolutePath): NotWatched['why'] | null => {
    try {
      const watcher = watch(native(path), { encoding: 'latin1', persistent: true }, (_, name) => {
        heard(name === null ? null : { id, name });
      });
      watcher.on('error', () => heard(null));
      watchers.set(id, watcher);
      return null;
    } catch (error) {
      return whyNot(error, path);
    }
  };
  const end = (id: number): void => {
    watchers.get(id)?.close();
    watchers.delete(id);
  };

  port.on('message', (message: ToWatcher) => {
    switch (message.kind) {
      case 'watch': {
        const failures = message.folders.flatMap(({ id, path }): NotWatched[] => {
          const why = begin(id, path);
          return why === null ? [] : [{ id, why }];
        });
        post({ kind: 'done', failures });
        return;
      }
      case 'unwatch':
        for (const id of message.ids) end(id);
        return;
      case 'drain':
        // Between two turns the loop asks the kernel once for all that it has.
        setImmediate(() => {
          setImmediate(() => {
            flush();
            post({ kind: 'done', failures: [] });
          });
        });
        return;
      case 'close':
        for (const id of [...watchers.keys()]) end(id);
        port.close();
        return;
      default:
        assertNever(message);
    }
  });
  port.on('close', () => {
    for (const id of [...watchers.keys()]) end(id);
  });
}

function whyNot(error: unknown, path: AbsolutePath): NotWatched['why'] {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return 'watch-limit';
  const coded = codedError(error, path);
  switch (coded.code) {
    case 'not-found':
    case 'not-a-folder':
    case 'outside-root':
    case 'name-too-long':
      return 'absent';
    case 'too-many-open':
      return 'too-many-open';
    case 'internal':
      throw coded;
    default:
      return 'denied';
  }
}
