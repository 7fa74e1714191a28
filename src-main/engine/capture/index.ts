/**
 * Turns what the kernel tells about a set's files into notices, in the kernel's order and only for places that the set selects.
 * A capture belongs to one thread of its own, which it blocks while it waits. After `start` nothing that changes below the roots goes
 * unnoticed: either a notice names the place (or a folder above it, as `appeared`), or `overflow` says that everything must be
 * compared, or `root-gone` says that a root is no longer what it was. What a notice says is a reason to look, not a fact about the
 * disk: the disk may have moved on by the time it is read.
 */
export type { Capture, CaptureOptions, PastHold } from './capture.ts';
export { mayShare, startCapture, WHY_CHOSEN, type CaptureChoice, type StartedCapture } from './create-capture.ts';
export { FanotifyCapture } from './fanotify-capture.ts';
export { FanotifyFollower } from './fanotify-follower.ts';
export { FollowedSet } from './followed-set.ts';
export { FsWatchCapture } from './fs-watch-capture.ts';
export { serveHints } from './serve-hints.ts';
export type { WatcherData } from './watch-thread.ts';
export { freeWriters } from './free-writers.ts';
export { InotifyCapture } from './inotify-capture.ts';
export { SyncBell, SyncRope } from './sync-bell.ts';
