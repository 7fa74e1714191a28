import { ReplicationError } from '../../base/index.ts';
import type { Capture, CaptureOptions } from './capture.ts';
import { FanotifyCapture } from './fanotify-capture.ts';
import { FsWatchCapture } from './fs-watch-capture.ts';
import { InotifyCapture } from './inotify-capture.ts';

/** Which capture to take. `auto` takes the first that works here: fanotify, inotify, fs.watch. The others are taken or fail. */
export interface CaptureChoice {
  readonly method: 'auto' | 'fanotify' | 'inotify' | 'fs.watch';
  /** Whether to notice which bytes of large files are written, where that can be. */
  readonly ranges: boolean;
  readonly rangesFromBytes: number;
}

/** A capture that was started. `why`: for people, why this one; '' when there is nothing to say. */
export interface StartedCapture {
  readonly capture: Capture;
  readonly method: string;
  readonly why: string;
}

/** Starts the best capture that works here, or the one that was chosen. Throws what its `start` throws. */
export function startCapture(choice: CaptureChoice, options: CaptureOptions): StartedCapture {
  const { capture, method, why } = startMethod(choice.method, options);
  if (!choice.ranges) return { capture, method, why };
  try {
    if (capture.trackRanges === undefined) throw new ReplicationError('unsupported', { why: 'that takes fanotify' });
    capture.trackRanges(choice.rangesFromBytes);
    return { capture, method: `${method} with ranges`, why };
  } catch (error) {
    const reason = `Which bytes are written is not noticed: ${reasonOf(error)}.`;
    return { capture, method, why: why === '' ? reason : `${why}. ${reason}` };
  }
}

/** Whether a capture by this choice may be one set of a `FanotifyFollower` that many share; where ranges are noticed writers wait for the thread. */
export function mayShare({ method, ranges }: CaptureChoice): boolean {
  return !ranges && (method === 'auto' || method === 'fanotify');
}

/** What is said of a method that was taken because it was chosen. */
export const WHY_CHOSEN = 'chosen in the settings';

const makers = {
  fanotify: (options: CaptureOptions): Capture => new FanotifyCapture(options),
  inotify: (options: CaptureOptions): Capture => new InotifyCapture(options),
  'fs.watch': (options: CaptureOptions): Capture => new FsWatchCapture(options),
} as const;
const best = ['fanotify', 'inotify', 'fs.watch'] as const;

function startMethod(choice: CaptureChoice['method'], options: CaptureOptions): StartedCapture {
  if (choice !== 'auto') return { capture: start(choice, options), method: choice, why: WHY_CHOSEN };
  const reasons: string[] = [];
  for (const method of best) {
    try {
      return { capture: start(method, options), method, why: reasons.join('; ') };
    } catch (error) {
      if (method === best.at(-1)) throw error;
      reasons.push(`${method} is not used because ${reasonOf(error)}`);
    }
  }
  throw new ReplicationError('unsupported', { what: `following changes (${reasons.join('; ')})` });
}

function start(method: keyof typeof makers, options: CaptureOptions): Capture {
  const capture = makers[method](options);
  capture.start();
  return capture;
}

/** What makes another way necessary; any other failure is thrown on. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ReplicationError) || error.code !== 'unsupported') throw error;
  return String(error.details.why ?? error.details.what);
}
