import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ConnectionSettings, SetRule } from '../../../api/index.ts';
import { toReplicationError } from '../../../base/index.ts';
import { startCapture, SyncBell, type Capture } from '../../capture/index.ts';
import { compileRules, type AbsolutePath, type VolumeTable } from '../../model/index.ts';
import type { FromCapture } from '../source/source-protocol.ts';
import { Gathering } from './gathering.ts';

/** What the thread of one capture is started with. It ends after `{kind: 'stop'}` from its parent, or after it posted `failed`. */
export interface CaptureWorkerData {
  /** Absolute and raw; a notice's `root` is the index in here. */
  readonly roots: readonly AbsolutePath[];
  readonly rules: readonly SetRule[];
  readonly volumes: VolumeTable;
  readonly settings: ConnectionSettings['capture'];
  /** One number: the descriptor on which writers wait for answers, plus one; 0 while none do. Whoever ends this thread by force closes it. */
  readonly answersFd: SharedArrayBuffer;
  /** Where to make the pipe through which sync points are asked for. */
  readonly bell: AbsolutePath;
  /** Carries `FromCapture` out. */
  readonly port: MessagePort;
}

/**
 * How long a wait for events may block: the longest that a stop goes unheard. Where no bell ends the wait it is also what a sync point may have to
 * wait for; where one does, longer waits halve what a set at rest costs.
 */
const WAIT_MS = 50;
const WAIT_WITH_BELL_MS = 100;

// The thread waits in the kernel, never in its event loop: messages are fetched between two waits.
const { roots, rules, volumes, settings, answersFd, bell: bellPath, port } = workerData as CaptureWorkerData;
const post = (message: FromCapture): void => port.postMessage(message);
let isStopped = false;
const gathering = new Gathering();

try {
  follow();
} catch (error) {
  const { code, details } = toReplicationError(error);
  post({ kind: 'failed', code, details });
}
port.close();

function follow(): void {
  const compiled = compileRules(rules, volumes);
  const bell = SyncBell.make(bellPath);
  const { capture, method, why } = startCapture(settings, {
    roots,
    ...(bell === null ? {} : { bellFd: bell.fd }),
    selects: (path, isFolder) => compiled.selects(path, isFolder),
    descends: (folder) => compiled.descends(folder),
    selectsAllBelow: (folder) => compiled.selectsAllBelow(folder),
  });
  const shared = new Int32Array(answersFd);
  Atomics.store(shared, 0, (capture.answersFd ?? -1) + 1);
  try {
    post({ kind: 'started', method, why });
    const waitMs = bell === null || method === 'watch' ? WAIT_MS : WAIT_WITH_BELL_MS;
    while (!isStopAsked()) {
      tell(capture, waitMs);
      const { request = null, writers = null } = bell?.take() ?? {};
      if (writers === 'release') capture.releaseWriters?.();
      else if (writers !== null) capture.holdWriters?.(writers.holdMs);
      if (request === null) continue;
      // Whatever happened before the request is in the kernel's queue by now, so it is told before the answer.
      do tell(capture, 0);
      while (!capture.isDrained && !isStopAsked());
      post({ kind: 'synced', request });
    }
  } finally {
    capture.close();
    bell?.close();
    Atomics.store(shared, 0, 0);
  }
}

function tell(capture: Capture, waitMs: number): void {
  // A writer that waits for our answer is never kept waiting.
  const mayGather = waitMs > 0 && capture.isDrained && (capture.answersFd ?? null) === null;
  if (mayGather) gathering.rest();
  const notices = gathering.watched(
    () => capture.read(waitMs),
    ({ length }) => length > 0,
  );
  const files = capture.takeRanges?.() ?? [];
  if (files.length > 0) post({ kind: 'ranges', files });
  if (notices.length > 0) post({ kind: 'notices', at: Date.now(), notices });
  const hold = capture.takeHold?.() ?? null;
  if (hold !== null) post({ kind: 'held', ...hold });
}

function isStopAsked(): boolean {
  const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
  isStopped ||= (received?.message as { kind: string } | undefined)?.kind === 'stop';
  return isStopped;
}
