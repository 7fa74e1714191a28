import { isDeepStrictEqual } from 'node:util';
import { initialLineSettings, type ConnectionSnapshot, type LineSettings, type LineSnapshot } from '../../../api/index.ts';
import type { ScheduleStatus } from '../../../api/index.ts';
import { ReplicationError } from '../../../base/index.ts';
import {
  decide,
  fromKept,
  nextStartMs,
  startByHand,
  startsByQueue,
  toKept,
  underNewRules,
  type ScheduleFacts,
  type ScheduleState,
  type WaitReason,
  type Zone,
} from '../../schedule/index.ts';
import { LineMeter } from '../../transmit/index.ts';
import type { KeptSchedule } from './kept-schedules.ts';
import { ScheduleMemory, type ScheduleMemoryOptions } from './schedule-memory.ts';

/** A connection as its line sees it. */
export interface LineMember {
  readonly state: Pick<ConnectionSnapshot, 'transmission' | 'mirror' | 'replication' | 'statistics' | 'queue'>;
  /** Left its target because its queue was full or it was parked, and does not come back by itself. */
  readonly staysApart: boolean;
  /** Whether the schedule lets it send. */
  setGate(isOpen: boolean): void;
}

export interface LineOptions extends ScheduleMemoryOptions {
  readonly targetFingerprint: string;
  readonly nowMs: () => number;
  readonly zone: () => Zone;
  /** The schedule let go or held back; `text` says which and why. */
  readonly onChange: (text: string) => void;
}

const reasons: Readonly<Record<WaitReason, string>> = {
  'not-started': 'no start was due yet',
  emptied: 'everything that waited was sent',
  'window-closed': 'the window is closed',
  'stop-time': 'its stop time is reached',
  'stop-duration': 'its time is up',
  'stop-bytes': 'its bytes are used up',
};
const starts = { time: 'its time has come', queue: 'the queue reached its mark', person: 'a person started it' } as const;

const nothingWaits = { queuedBytes: 0, queuePercent: 0 };

/**
 * All connections of this source to one target: they share a limit and a schedule. Lives on the main thread; `tick` comes once a second. What
 * the schedule holds back is held back at once; a session is on disk before it lets anything go, so that a restart goes on with it instead of
 * beginning it once more.
 */
export class Line {
  /** Counts in the workers of its connections. */
  readonly meter = new LineMeter();
  readonly #options: LineOptions;
  readonly #memory: ScheduleMemory;
  readonly #members = new Set<LineMember>();
  #settings: LineSettings = initialLineSettings;
  #state: ScheduleState = { kind: 'unscheduled' };
  #isGateOpen = true;
  /** What the last life of the service left, until the rules are known. */
  #kept: KeptSchedule | null;
  /** What waited at its end: not in any queue now, but on the source's disk, until a session compares it. */
  #inherited: Pick<KeptSchedule, 'queuedBytes' | 'queuePercent'>;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#memory = new ScheduleMemory(options);
    this.#kept = options.kept;
    this.#inherited = options.kept ?? nothingWaits;
  }

  get isGateOpen(): boolean {
    return this.#isGateOpen;
  }

  join(member: LineMember): void {
    this.#members.add(member);
  }

  leave(member: LineMember): void {
    this.#members.delete(member);
  }

  /** The first time in a life of the service goes on where the last one ended. */
  configure(settings: LineSettings): void {
    const { limits, schedule } = settings;
    const kept = this.#kept;
    this.#kept = null;
    const before = kept === null ? this.#state : fromKept(kept.state, this.meter.totalBytes);
    const isRescheduled = !isDeepStrictEqual(schedule, kept?.schedule ?? this.#settings.schedule);
    this.#settings = settings;
    const burst = limits.burstBytes === null ? null : { bytes: limits.burstBytes, seconds: limits.burstSeconds };
    this.meter.limit({ bytesPerSec: limits.bytesPerSec, burst });
    if (!isRescheduled && kept === null) return;
    const from = isRescheduled ? underNewRules(schedule, before, this.meter.totalBytes) : before;
    // Connections that are opened later may have something to send: whether nothing waits is for the next look.
    this.#take(decide(schedule, from, { ...this.#facts(), isEmpty: false }, this.#zone), before);
  }

  tick(): void {
    this.#take(decide(this.#settings.schedule, this.#state, this.#facts(), this.#zone));
  }

  /** A person starts what the schedule holds back. Throws `outside-window`. */
  start(): void {
    const next = startByHand(this.#settings.schedule, this.#state, this.#facts(), this.#zone);
    if (next.kind === 'waiting') {
      const { windowOpen, windowClose } = this.#settings.schedule;
      throw new ReplicationError('outside-window', { open: windowOpen, close: windowClose });
    }
    this.#take(next);
  }

  /** Keeps what is left of a session; to be called when nothing is sent any more. */
  close(): Promise<void> {
    return this.#memory.close(this.#toKeep());
  }

  snapshot(): LineSnapshot {
    return {
      targetFingerprint: this.#options.targetFingerprint,
      settings: this.#settings,
      schedule: this.#status(),
      wireBytes: this.meter.totalBytes,
    };
  }

  #status(): ScheduleStatus {
    const state = this.#state;
    switch (state.kind) {
      case 'unscheduled':
        return state;
      case 'sending':
        return { kind: 'sending', since: iso(state.sinceMs), startedBy: state.by };
      case 'waiting': {
        const startMs = nextStartMs(this.#settings.schedule, this.#options.nowMs(), this.#zone);
        const startsAt = startMs === null ? null : iso(startMs);
        return { kind: 'waiting', since: iso(state.sinceMs), reason: reasons[state.why], startsAt };
      }
    }
  }

  #take(next: ScheduleState, before = this.#state): void {
    this.#state = next;
    if (next.kind === 'sending') this.#inherited = nothingWaits;
    if (next.kind !== before.kind) {
      this.#options.onChange(
        next.kind === 'waiting'
          ? `The schedule holds back what is to be sent: ${reasons[next.why]}.`
          : next.kind === 'sending'
            ? `The schedule lets changes go: ${starts[next.by]}.`
            : 'Sending is not scheduled any more; changes go at once.',
      );
    }
    this.#actIfKept();
    this.#memory.keep(this.#toKeep(), () => this.#actIfKept());
  }

  #actIfKept(): void {
    const kept = this.#toKeep();
    if (kept?.state.kind === 'sending' && !this.#memory.knows(kept)) return;
    this.meter.setBudgetEnd(this.#state.kind === 'sending' ? this.#state.stopAtBytes : null);
    const isOpen = this.#state.kind !== 'waiting';
    if (isOpen === this.#isGateOpen) return;
    this.#isGateOpen = isOpen;
    for (const member of this.#members) member.setGate(isOpen);
  }

  #toKeep(): KeptSchedule | null {
    const { schedule } = this.#settings;
    const state = toKept(this.#state, this.meter.totalBytes);
    if (state === null) return null;
    const isMeasured = state.kind === 'waiting' && startsByQueue(schedule);
    const { queuedBytes, queuePercent } = isMeasured ? this.#facts() : nothingWaits;
    return { schedule, state, queuedBytes, queuePercent: queuePercent ?? 0 };
  }

  #facts(): ScheduleFacts {
    const states = [...this.#members].map((member) => member.state);
    // What waits for a person does not become empty, and must not keep a session open for ever.
    const sending = [...this.#members].filter(mayBecomeEmpty).map((member) => member.state);
    return {
      nowMs: this.#options.nowMs(),
      isEmpty: sending.every(isEmpty),
      queuedBytes: states.reduce((sum, { statistics }) => sum + statistics.queuedBytes, this.#inherited.queuedBytes),
      queuePercent:
        states.length === 0 ? null : this.#inherited.queuePercent + Math.max(...states.map(({ queue }) => queue.percent)),
      wireBytes: this.meter.totalBytes,
    };
  }

  get #zone(): Zone {
    return this.#options.zone();
  }
}

function mayBecomeEmpty({ state: { transmission, replication }, staysApart }: LineMember): boolean {
  const isHeld = transmission.kind !== 'active' && transmission.kind !== 'waiting';
  return !isHeld && !staysApart && replication !== 'halted' && replication !== 'pending';
}

function isEmpty({ mirror, replication, statistics }: LineMember['state']): boolean {
  const isMirroring = mirror.kind === 'calculating' || mirror.kind === 'mirroring';
  return !isMirroring && replication === 'replicating' && statistics.queuedOps + statistics.inFlightOps === 0;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
