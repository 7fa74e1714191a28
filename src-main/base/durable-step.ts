/**
 * Every moment at which an end of the program leaves something on disk that the next start has to make sense of. Crash tests kill the
 * process at each of these, so a new one is tested by being listed here and called where it belongs.
 */
export const durableSteps = [
  /** A settings file: the new content is written beside the old. */
  'settings.written',
  /** It is flushed, the old one still in place. */
  'settings.flushed',
  /** It is in place; the folder is not flushed. */
  'settings.renamed',
  /** The catalog is about to commit what is leaving for the target. */
  'source.catalog.commit',
  /** It has; nothing has left yet. */
  'source.catalog.committed',
  /** A frame of ops was handed to the network. */
  'source.ops.sent',
  /** A piece of a large file was handed to the network; its op is not complete. */
  'source.data.sent',
  /** The target's acknowledgement of received ops came in; the catalog does not know. */
  'source.ack.received',
  /** After a new link: what the target never received is undone in the catalog. */
  'source.catalog.rolled-back',
  /** Data of an op are in the stage, not flushed, and the op is not in the queue. */
  'target.data.staged',
  /** Staged data and what was applied are flushed; the queue knows of neither. */
  'target.data.flushed',
  /** The queue has the ops, not flushed. */
  'target.queue.appended',
  /** The queue is flushed; nothing is acknowledged. */
  'target.queue.flushed',
  /** The source was told what is received and applied. */
  'target.ack.sent',
  /** A new queue file was begun. */
  'target.queue.file-begun',
  /** A queue file of which everything is applied was deleted. */
  'target.queue.file-deleted',
  /** An op is about to be applied. */
  'target.apply.begin',
  /** The first part of a patch is written into the file itself. */
  'target.patch.begun',
  /** A patch is written into the file itself, and may not be on disk yet. */
  'target.patch.written',
  /** The result of a patch is complete beside its base. */
  'target.patch.built',
  /** The result of a patch has its place; the patch is still there. */
  'target.patch.renamed',
  /** An op is applied; the counter does not know. */
  'target.apply.done',
  /** The counter knows; nothing is flushed. */
  'target.apply.counted',
  /** A group is noted as begun on the replica; nothing of it is applied. */
  'target.group.begun',
  /** A group is applied whole and noted; the counter does not know. */
  'target.group.ended',
  /** The failure of an op is noted; the counter does not know. */
  'target.failure.noted',
  /** A replica is given up, its queue not yet deleted. */
  'target.release.begin',
] as const;

export type DurableStep = (typeof durableSteps)[number];

/** `step` or `step:n`, the n-th time, from 1; null for anything else. */
export function parseCrashAt(text: string | undefined): { readonly step: DurableStep; readonly time: number } | null {
  const [, name, time = '1'] = /^([a-z.-]+)(?::([1-9]\d{0,8}))?$/.exec(text ?? '') ?? [];
  const step = durableSteps.find((known) => known === name);
  return step === undefined ? null : { step, time: Number(time) };
}

const crashAt = parseCrashAt(process.env.UNDERSTUDY_CRASH_AT);
let reached = 0;

/**
 * Called at a durable step. Does nothing, unless the process was started with `UNDERSTUDY_CRASH_AT=step[:n]` in its environment: then it
 * ends there, as with `kill -9`, at the n-th time in one thread. For crash tests; whoever sets a service's environment can end it anyway.
 */
export const durableStep: (step: DurableStep) => void =
  crashAt === null
    ? () => undefined
    : (step) => {
        if (step === crashAt.step && ++reached === crashAt.time) process.kill(process.pid, 'SIGKILL');
      };
