import type { ConnectionId, ConnectionSnapshot, Cut, MirrorOptions } from '../../api/index.ts';
import { assertNever } from '../../base/index.ts';
import type { ConnectionCommand } from '../../engine/connection/index.ts';
import type { StoredRotation, StoredSwitch } from './stored.ts';

/** What a switch needs of the connections of its service. */
export interface SwitchParts {
  /** The connection of a slot; null when it has ended. */
  readonly connection: (slot: string | null) => ConnectionSnapshot | null;
  readonly command: (connectionId: ConnectionId, command: ConnectionCommand) => Promise<unknown>;
}

export type Progress =
  /**
   * `problem`: what holds it up, for people; '' when nothing does. `isBefore`: the time in which a step is to end has not begun yet.
   * `waitingOps`: so many changes keep the new slot from being level.
   */
  | { readonly kind: 'wait'; readonly problem: string; readonly isBefore?: true; readonly waitingOps?: number }
  /** To be stored before anything else is done. `warning`: what people are to know of it. */
  | { readonly kind: 'go-on'; readonly change: Partial<StoredSwitch>; readonly warning?: string }
  | { readonly kind: 'done'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

const wait = (problem = ''): Progress & { readonly kind: 'wait' } => ({ kind: 'wait', problem });
const waitBefore = (problem = ''): Progress => ({ kind: 'wait', problem, isBefore: true });

/**
 * One look at a switch: gives the order of its step, which may have been given before, and says whether the step is over. `isOutOfTime`: the
 * step waited as long as anybody does, for a cut or for the new slot to come nearer to the source. Orders are such that giving one twice does
 * nothing, so a service that was killed anywhere goes on by looking. Rejects with what an order was refused for.
 */
export async function advance(
  { name, mirror }: Pick<StoredRotation, 'name' | 'mirror'>,
  running: StoredSwitch,
  isOutOfTime: boolean,
  parts: SwitchParts,
): Promise<Progress> {
  const [from, to] = [parts.connection(running.from), parts.connection(running.to)];
  if (to === null) return targetEnded(running, from, mirror, parts);
  const owner = ownerOf(name);
  switch (running.step) {
    case 'parking': {
      if (from === null) return { kind: 'go-on', change: { step: 'bringing' } };
      if (isFindingOut(from)) return waitBefore(obstacleOf(from));
      const parked = await park(from, owner, `“${running.to}” takes its turn`, parts);
      if (parked !== null) return { kind: 'go-on', change: { step: 'bringing', ...parked } };
      if (!isOutOfTime) return wait(whyNoCut(from));
      await stay(from, mirror, parts);
      return { kind: 'failed', why: `${noCut(running.from, from)} It goes on following the source, and nothing was switched.` };
    }
    case 'bringing':
      return bring(running, isOutOfTime, to, mirror, parts);
    case 'cutting':
      return cut(running, owner, isOutOfTime, { from, to, mirror, parts });
    case 'leaving':
      return leave(running, owner, isOutOfTime, { from, to, mirror, parts });
    case 'resuming':
      await letGo([to, from], owner, parts);
      return { kind: 'done', why: told(running) };
    default:
      return assertNever(running.step);
  }
}

/** Who the cuts and pauses of a rotation belong to. */
export function ownerOf(name: string): string {
  return `rotation “${name}”`;
}

/** Nobody stays paused for a switch that failed, and the new slot of a safe one goes to rest again, so that only one follows the source. */
export async function giveUp(rotation: StoredRotation, running: StoredSwitch, parts: SwitchParts): Promise<void> {
  const [from, to] = [parts.connection(running.from), parts.connection(running.to)];
  await letGo([to, from], ownerOf(rotation.name), parts);
  if (to === null) return;
  const isOldLive = from !== null && from.park === null;
  if (running.order === 'safe' && isOldLive && to.park === null)
    await parts.command(to.id, { kind: 'park', owner: ownerOf(rotation.name), reason: 'the switch to it failed' });
}

/** Lifts what the switch itself paused. */
async function letGo(
  connections: readonly (ConnectionSnapshot | null)[],
  owner: string,
  { command }: SwitchParts,
): Promise<void> {
  for (const connection of connections)
    if (connection !== null && isHeldBy(connection, owner)) await command(connection.id, { kind: 'resume-transmission' });
}

async function park(
  connection: ConnectionSnapshot,
  owner: string,
  reason: string,
  { command }: SwitchParts,
): Promise<{ readonly cut: Cut | null; readonly isComplete: boolean } | null> {
  const { park: parked } = connection;
  if (parked?.kind === 'parked') return { cut: parked.cut, isComplete: parked.isComplete };
  if (parked === null) await command(connection.id, { kind: 'park', owner, reason });
  return null;
}

/** It looks for what changed while nobody watched, and leaves at no cut before: that may take long. */
function isFindingOut({ link, replication }: ConnectionSnapshot): boolean {
  return replication === 'starting' && link.kind === 'up';
}

/** The old one is called back where it was leaving for the new one, which will not come: else nobody followed the source. */
async function targetEnded(
  { from: old, step, to }: StoredSwitch,
  from: ConnectionSnapshot | null,
  mirror: MirrorOptions,
  parts: SwitchParts,
): Promise<Progress> {
  const why = `The connection of “${to}” has ended.`;
  if (from === null || (step !== 'parking' && step !== 'cutting' && step !== 'leaving')) return { kind: 'failed', why };
  if (from.park !== null) await stay(from, mirror, parts);
  return { kind: 'failed', why: `${why} “${old ?? ''}” goes on following the source.` };
}

/** Takes an order to leave back. If it was carried out in this very moment, the mirror makes the replica follow again. */
async function stay({ id }: ConnectionSnapshot, mirror: MirrorOptions, { command }: SwitchParts): Promise<void> {
  await command(id, { kind: 'reconnect', mirror });
}

async function bring(
  running: StoredSwitch,
  isOutOfTime: boolean,
  to: ConnectionSnapshot,
  options: MirrorOptions,
  parts: SwitchParts,
): Promise<Progress> {
  const { halt, mirror, plan, replication, targetData } = to;
  if (halt !== null)
    return { kind: 'failed', why: `“${running.to}” stands still with a question: ${halt.cause} ${halt.nextStep}` };
  if (to.park !== null || replication === 'pending') {
    await parts.command(to.id, { kind: 'reconnect', mirror: options });
    return waitBefore();
  }
  if (replication === 'replicating' && mirror.kind === 'idle') {
    if (targetData === 'good') return whenLevel(running, isOutOfTime, to);
    if (targetData === 'mirror-required') {
      const isMirrored = mirror.lastCompletedAt !== null && mirror.lastCompletedAt !== running.mirroredBefore;
      if (isMirrored) return { kind: 'failed', why: `The mirror of “${running.to}” left files that differ.` };
      await parts.command(to.id, { kind: 'start-mirror', options });
      return waitBefore();
    }
  }
  if (plan.question !== null) return waitBefore(`${plan.question.cause} ${plan.question.nextStep}`);
  return waitBefore(obstacleOf(to));
}

function whenLevel(running: StoredSwitch, isOutOfTime: boolean, to: ConnectionSnapshot): Progress {
  if (running.order === 'quick' || running.from === null) return { kind: 'done', why: '' };
  // What waits is sent before the old one leaves: the cuts then lie close together, and reaching them takes no long time in which nobody follows.
  const { queuedOps, inFlightOps, targetQueueOps } = to.statistics;
  const waitingOps = queuedOps + inFlightOps + targetQueueOps;
  if (waitingOps <= LEVEL_OPS) return { kind: 'go-on', change: { step: 'cutting' } };
  const still = whyStill(to);
  if (still !== null) return waitBefore(still);
  if (!isOutOfTime) return { ...wait(), waitingOps };
  const warning = `“${running.to}” comes no nearer to the source, which changes faster than its target takes that: ${waitingOps} changes are on their way. Both slots are cut now all the same, and rest until those are applied.`;
  return { kind: 'go-on', change: { step: 'cutting' }, warning };
}

/** So few ops under way are what a busy source always has. */
const LEVEL_OPS = 1_000;

interface Both {
  readonly from: ConnectionSnapshot | null;
  readonly to: ConnectionSnapshot;
  readonly mirror: MirrorOptions;
  readonly parts: SwitchParts;
}

/** Both are paused in the same moment, at one cut if the source lets them. A pause of somebody else's stays as it is. */
async function cut(running: StoredSwitch, owner: string, isOutOfTime: boolean, { from, to, parts }: Both): Promise<Progress> {
  if (from === null) return { kind: 'go-on', change: { step: 'resuming' } };
  if (from.park !== null) return leaving(to);
  if (isFindingOut(from)) return waitBefore(obstacleOf(from));
  const [isFromFree, isToFree] = [isFree(from), isFree(to)];
  if (isFromFree || isToFree) {
    // One cut of both is sought from the beginning; what stands already, because the service was killed between the two orders, is no part of it.
    const half = isFromFree ? to : from;
    if (isFromFree !== isToFree && isHeldBy(half, owner)) {
      await parts.command(half.id, { kind: 'resume-transmission' });
      return wait();
    }
    const order = { kind: 'pause-transmission', owner, reason: `“${running.to}” takes its turn` } as const;
    const areBoth = isFromFree && isToFree;
    await Promise.all([
      ...(isFromFree ? [parts.command(from.id, areBoth ? { ...order, common: to.id } : order)] : []),
      ...(isToFree ? [parts.command(to.id, areBoth ? { ...order, common: from.id } : order)] : []),
    ]);
    return wait();
  }
  if (from.transmission.kind !== 'paused') {
    if (!isOutOfTime) return wait(whyNoCut(from));
    const why = `${noCut(running.from, from)} It goes on following the source; “${running.to}” goes to rest again.`;
    return { kind: 'failed', why };
  }
  if (to.transmission.kind === 'pausing' && !isOutOfTime) return wait(obstacleOf(to));
  const both = [from, to].filter((one) => isHeldBy(one, owner));
  const isAnew = both.length === 2 && both.some(({ transmission: t }) => t.kind === 'paused' && t.cut.common === undefined);
  if (isAnew && !isOutOfTime) {
    // The service was started anew before both were known to stand, and each made a cut of its own.
    await letGo(both, owner, parts);
    return wait();
  }
  return leaving(to);
}

function leaving({ transmission }: ConnectionSnapshot): Progress {
  return { kind: 'go-on', change: { step: 'leaving', levelCut: transmission.kind === 'paused' ? transmission.cut : null } };
}

/** The old one goes to rest at the cut of its pause, as that stands. */
async function leave(
  running: StoredSwitch,
  owner: string,
  isOutOfTime: boolean,
  { from, mirror, parts }: Both,
): Promise<Progress> {
  if (from === null) return { kind: 'go-on', change: { step: 'resuming' } };
  const parked = await park(from, owner, `“${running.to}” takes its turn`, parts);
  if (parked !== null) return { kind: 'go-on', change: { step: 'resuming', ...parked } };
  if (!isOutOfTime) return wait(whyNoCut(from));
  await stay(from, mirror, parts);
  return {
    kind: 'failed',
    why: `${noCut(running.from, from)} It goes on following the source; “${running.to}” goes to rest again.`,
  };
}

/** Nobody holds its transmission, but what ends by itself. */
function isFree({ transmission: { kind } }: ConnectionSnapshot): boolean {
  return kind === 'active' || kind === 'scheduled' || kind === 'waiting';
}

/** Why nothing goes to the target, '' for no reason that is known; null while what changes goes there as fast as it takes that. */
function whyStill(connection: ConnectionSnapshot): string | null {
  const { link, transmission } = connection;
  if (transmission.kind === 'scheduled') return `The schedule holds back what is to be sent: ${transmission.reason}.`;
  if (!isFree(connection) && 'owner' in transmission) return `Transmission is held by ${transmission.owner}.`;
  const obstacle = obstacleOf(connection);
  return link.kind === 'up' && obstacle === '' ? null : obstacle;
}

/** A pause of somebody else's is his to lift. */
function isHeldBy({ transmission }: ConnectionSnapshot, owner: string): boolean {
  return (transmission.kind === 'pausing' || transmission.kind === 'paused') && transmission.owner === owner;
}

function noCut(slot: string | null, connection: ConnectionSnapshot): string {
  return `“${slot ?? ''}” did not reach a cut in time. ${whyNoCut(connection)}`.trim();
}

function whyNoCut(connection: ConnectionSnapshot): string {
  const { halt, transmission } = connection;
  if (halt !== null) return halt.cause;
  if (transmission.kind === 'stopped') return `Transmission is stopped by ${transmission.owner}.`;
  return obstacleOf(connection);
}

/** Problems for which a whole replica waits; others are about one file, or are only worth knowing. */
const HOLDING: readonly string[] = ['disk-full', 'read-only', 'io-error', 'too-many-open'];

/** What a connection waits for; '' for nothing. */
function obstacleOf({ link, problems }: ConnectionSnapshot): string {
  if (link.kind === 'down') return link.cause;
  const found = problems.find(({ code }) => HOLDING.includes(code));
  return found === undefined ? '' : `${found.cause} ${found.nextStep}`;
}

/** Whether both cuts of a safe switch are one state of the source; null where there are not two. */
export function isSameCut({ cut: old, levelCut }: Pick<StoredSwitch, 'cut' | 'levelCut'>): boolean | null {
  if (old === null || levelCut === null) return null;
  return old.common?.isSame === true && levelCut.common?.isSame === true && old.at === levelCut.at;
}

/** Of which moment both cuts of a safe switch are, or how far they are from being one, and why. */
function told({ cut: old, levelCut }: StoredSwitch): string {
  if (old === null || levelCut === null) return '';
  if (isSameCut({ cut: old, levelCut }) === true) return `Both hold the same state of the source, that of ${old.at}.`;
  const ms = Math.abs(Date.parse(levelCut.at) - Date.parse(old.at));
  const why = old.common?.why ?? levelCut.common?.why ?? 'they were not made together';
  return `The cuts of both lie ${ms} ms apart: ${why}.`;
}
