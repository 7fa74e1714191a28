import { workerData } from 'node:worker_threads';
import { serveHints, type WatcherData } from '../../capture/index.ts';

/** The thread below a capture by `fs.watch`. Started and owned by `WatchThread`; ends with `close`, or when its port is closed. */
serveHints(workerData as WatcherData);
