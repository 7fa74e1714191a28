import { CountingRules, type ClockEnd, type ScheduleRules } from './counting-rules.ts';
import { isInWindow, lastCloseMs, nextOpenMs } from './window.ts';
import type { Zone } from './zoned-time.ts';

/** What a schedule is measured against; of all connections that share it together. */
export interface ScheduleFacts {
  readonly nowMs: number;
  /** Nothing waits to be sent and no mirror works. */
  readonly isEmpty: boolean;
  readonly queuedBytes: number;
  /** How full the fullest queue is, 0 to 100; null when it has no limit. */
  readonly queuePercent: number | null;
  /** Bytes on the wire since the service started; only ever grows. */
  readonly wireBytes: number;
}

/**
 * unscheduled: no rule counts. waiting → sending (a start rule, or a person) → waiting (empty, a stop rule, the window's end).
 * `stopAtBytes` is where `wireBytes` must not pass; null without a byte limit.
 */
export type ScheduleState = { readonly kind: 'unscheduled' } | Waiting | Sending;
export interface Waiting {
  readonly kind: 'waiting';
  /** When it began by the rules, which may be before anybody looked. */
  readonly sinceMs: number;
  readonly why: WaitReason;
  /** The mark of the queue counts. */
  readonly isMarkArmed: boolean;
}
export interface Sending {
  readonly kind: 'sending';
  readonly sinceMs: number;
  readonly by: 'time' | 'queue' | 'person';
  readonly stopAtBytes: number | null;
}
export type WaitReason = 'not-started' | 'emptied' | 'stop-bytes' | ClockEnd;

/** A clock that was set back by no more than this is being put right: what was started before does not start once more. */
const SMALL_STEP_BACK_MS = 3_600_000;

/**
 * The rules: with a start rule sending goes on until nothing waits or a stop rule is met; a window overrides every start, and alone starts
 * nothing; a repeated start counts again at its next time; what is switched off does not count. Called once a second, and on each change. If
 * nobody called for long, because the service or the machine stood still or the clock was put forward, all that the clock would have ended
 * has ended when it was due, and of the starts that were missed the latest counts, unless it would be over by now.
 */
export function decide(rules: ScheduleRules, state: ScheduleState, facts: ScheduleFacts, zone: Zone): ScheduleState {
  const counting = new CountingRules(rules);
  if (!counting.isAny) return { kind: 'unscheduled' };
  const before = state.kind === 'unscheduled' ? begin(counting, facts, zone) : notAhead(state, facts.nowMs);
  return before.kind === 'sending' ? whileSending(counting, before, facts, zone) : whileWaiting(counting, before, facts, zone);
}

/** A person starts by hand. Outside the window nothing starts. */
export function startByHand(rules: ScheduleRules, state: ScheduleState, facts: ScheduleFacts, zone: Zone): ScheduleState {
  const counting = new CountingRules(rules);
  if (!counting.isAny) return { kind: 'unscheduled' };
  if (state.kind === 'sending' || !counting.isOpen(facts.nowMs, zone)) return decide(rules, state, facts, zone);
  return session(counting, 'person', facts);
}

/**
 * The state when the rules are new: a start that was due counts as one that was missed, and what was being sent without rules goes on where
 * no start rule and no window stands against it.
 */
function begin(counting: CountingRules, facts: ScheduleFacts, zone: Zone): Waiting | Sending {
  const waiting: Waiting = { kind: 'waiting', sinceMs: facts.nowMs, why: 'not-started', isMarkArmed: true };
  if (!counting.isOpen(facts.nowMs, zone)) return waiting;
  if (counting.hasStart) return lateSession(counting, facts, zone) ?? waiting;
  if (counting.window !== null) return waiting;
  const stopAtMs = counting.stopAtMs(zone);
  return stopAtMs !== null && facts.nowMs >= stopAtMs ? { ...waiting, why: 'stop-time' } : session(counting, 'person', facts);
}

/** A clock that was put back far is believed: whatever has begun counts from now, lest nothing starts until the old time comes again. */
function notAhead<S extends Waiting | Sending>(state: S, nowMs: number): S {
  return state.sinceMs > nowMs + SMALL_STEP_BACK_MS ? { ...state, sinceMs: nowMs } : state;
}

/** The session of the latest start that was due by now, if the clock has not ended it since. */
function lateSession(counting: CountingRules, facts: ScheduleFacts, zone: Zone): Sending | null {
  const { nowMs } = facts;
  const latestMs = counting.latestStartMs(nowMs, zone);
  if (latestMs === null || !counting.isOpen(latestMs, zone)) return null;
  const end = counting.clockEnd(latestMs, zone);
  return end !== null && nowMs >= end.ms ? null : session(counting, 'time', facts, latestMs);
}

function whileWaiting(counting: CountingRules, state: Waiting, facts: ScheduleFacts, zone: Zone): ScheduleState {
  const { nowMs } = facts;
  const isAtMark = counting.isAtMark(facts);
  // After a stop rule the queue is as full as before: it counts again once it was emptier, or in the next window.
  const isMarkArmed = state.isMarkArmed || !isAtMark || isNextWindow(counting, state, nowMs, zone);
  if (counting.isOpen(nowMs, zone)) {
    const due = lateSession(counting, facts, zone);
    if (due !== null && isAfter(due, state)) return due;
    if (isAtMark && isMarkArmed) return session(counting, 'queue', facts);
  }
  return isMarkArmed === state.isMarkArmed ? state : { ...state, isMarkArmed };
}

function isNextWindow({ window }: CountingRules, { sinceMs, why }: Waiting, nowMs: number, zone: Zone): boolean {
  return window !== null && (why === 'window-closed' || lastCloseMs(window, nowMs, zone) > sinceMs);
}

/** A start that falls on the very moment at which the clock ended a session is the next one's. */
function isAfter({ sinceMs }: Sending, wait: Waiting): boolean {
  const isByClock = wait.why === 'window-closed' || wait.why === 'stop-time' || wait.why === 'stop-duration';
  return sinceMs > wait.sinceMs || (isByClock && sinceMs === wait.sinceMs);
}

function whileSending(counting: CountingRules, state: Sending, facts: ScheduleFacts, zone: Zone): ScheduleState {
  const ended = endOf(counting, state, facts, zone);
  if (ended === null) return state;
  // The next start may be due already, if nobody looked for long.
  return whileWaiting(counting, { kind: 'waiting', isMarkArmed: false, ...ended }, facts, zone);
}

function endOf(
  counting: CountingRules,
  state: Sending,
  facts: ScheduleFacts,
  zone: Zone,
): Pick<Waiting, 'why' | 'sinceMs'> | null {
  const { nowMs } = facts;
  const end = counting.clockEnd(state.sinceMs, zone);
  if (end !== null && nowMs >= end.ms) return { why: end.by, sinceMs: end.ms };
  // A session may be older than the window.
  if (!counting.isOpen(nowMs, zone)) return { why: 'window-closed', sinceMs: nowMs };
  if (state.stopAtBytes !== null && facts.wireBytes >= state.stopAtBytes) return { why: 'stop-bytes', sinceMs: nowMs };
  // Without a start rule nothing would start again what ends here, so it goes on.
  return counting.hasStart && facts.isEmpty ? { why: 'emptied', sinceMs: nowMs } : null;
}

function session(counting: CountingRules, by: Sending['by'], facts: ScheduleFacts, sinceMs: number = facts.nowMs): Sending {
  return { kind: 'sending', sinceMs, by, stopAtBytes: budgetEnd(counting, facts.wireBytes) };
}

function budgetEnd({ stopAfterBytes }: CountingRules, wireBytes: number): number | null {
  return stopAfterBytes === null ? null : wireBytes + stopAfterBytes;
}

/** What becomes of a state when the rules are changed: a session goes on under the new ones, with a new budget; who waits is looked at afresh. */
export function underNewRules(rules: ScheduleRules, state: ScheduleState, wireBytes: number): ScheduleState {
  if (state.kind !== 'sending') return { kind: 'unscheduled' };
  return { ...state, stopAtBytes: budgetEnd(new CountingRules(rules), wireBytes) };
}

/** What waits in the queue counts for a start. */
export function startsByQueue(rules: ScheduleRules): boolean {
  return new CountingRules(rules).hasMark;
}

/** When sending starts next by the clock, for people; null when only the queue or a person can start it. */
export function nextStartMs(rules: ScheduleRules, nowMs: number, zone: Zone): number | null {
  const counting = new CountingRules(rules);
  const { window } = counting;
  let ms = counting.nextStartMs(nowMs, zone);
  // A start outside the window is none; the next that may fall into it comes after it opened.
  for (let looks = 0; looks < 400 && ms !== null && window !== null && !isInWindow(window, ms, zone); looks++) {
    ms = counting.nextStartMs(nextOpenMs(window, ms, zone) - 1, zone);
  }
  return ms !== null && counting.isOpen(ms, zone) ? ms : null;
}
