import { z } from './schema.ts';
import type { Consistency, Cut } from './snapshots.ts';
import type { ConnectionId, MirrorOptions } from './words.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/**
 * When a switch is due, by the wall clock of a time zone. `clock`: each day, or on these days of the week (none: every day). `date`: once.
 * `cron`: five fields, or six with seconds before them. A time that the clock skips in spring is its first moment after that; one that comes
 * twice in autumn counts once, the first time.
 */
export type RotationTime =
  | { readonly kind: 'clock'; readonly at: string; readonly days: readonly Weekday[] }
  | { readonly kind: 'date'; readonly at: string }
  | { readonly kind: 'cron'; readonly cron: string };

/** `slot` null: the one after the slot that is live. `timeZone` null: that of the service (`clock.timeZone`), or of its machine. */
export interface RotationEntry {
  readonly slot: string | null;
  readonly time: RotationTime;
  readonly timeZone: string | null;
}

export interface RotationSettings {
  readonly schedule: readonly RotationEntry[];
  /** `quick`: the old one leaves, then the new one comes. `safe`: the new one is brought level first, and the old one leaves only then. */
  readonly order: 'quick' | 'safe';
  /** With which a slot comes back. */
  readonly mirror: MirrorOptions;
  /** What becomes of a run that cannot begin when it is due: the service was off, its slot is in use, the run before goes on. */
  readonly missed: { readonly policy: 'run-late' | 'skip'; readonly withinMinutes: number };
  /** Off: nothing runs by the schedule. */
  readonly isEnabled: boolean;
}

export type RotationChange = { readonly [K in keyof RotationSettings]?: RotationSettings[K] | undefined };

/** As much of a rotation that does not exist yet as its starts depend on. */
export interface RotationDraft extends Pick<RotationSettings, 'schedule' | 'order' | 'missed'> {
  /** Names, in the order in which they take turns. */
  readonly slots: readonly string[];
  readonly live: string | null;
}

/** Somebody reads the replica, for a backup say: it is not switched in until it is released. */
export interface SlotUse {
  readonly owner: string;
  readonly reason: string;
  readonly since: string;
}

/** A complete copy of the set. `at`: the moment of the source that it holds; `cut` null: it follows the source now. */
export interface SlotCopy {
  readonly at: string;
  readonly ageMs: number;
  readonly label: Consistency;
  readonly cut: Cut | null;
}

export interface SlotSnapshot {
  readonly name: string;
  readonly connectionId: ConnectionId;
  /** The connection's small number; null when it has ended. */
  readonly number: number | null;
  readonly targetName: string | null;
  /** Where its replica lies on its target. */
  readonly places: readonly string[];
  /** `coming`: being brought level. `failed`: `why` says what stands against it. */
  readonly state: 'live' | 'coming' | 'at-rest' | 'in-use' | 'failed';
  readonly why: string;
  /** Null while it holds no complete copy. */
  readonly copy: SlotCopy | null;
  readonly use: SlotUse | null;
}

/**
 * Where a switch stands. quick: parking (the old one to its cut) → bringing (the new one level). safe: bringing → cutting (both stand at a
 * cut, the same if it can be) → leaving (the old one goes to rest there) → resuming (the new one goes on).
 */
export type RotationStep = 'parking' | 'bringing' | 'cutting' | 'leaving' | 'resuming';

export interface RunningSwitch {
  readonly from: string | null;
  readonly to: string;
  readonly order: RotationSettings['order'];
  readonly step: RotationStep;
  /** Null: somebody started it. */
  readonly dueAt: string | null;
  readonly begunAt: string;
  /** What holds it up; '' when nothing does. */
  readonly problem: string;
}

/** One start that was due or asked for, and what came of it. `skipped`: on purpose. `missed`: it could not begin in time. */
export interface RotationRun {
  readonly dueAt: string | null;
  readonly begunAt: string | null;
  readonly endedAt: string;
  readonly from: string | null;
  readonly to: string;
  readonly outcome: 'done' | 'failed' | 'skipped' | 'missed';
  readonly why: string;
  /** What the slot that left holds; null when none left, or without a cut. */
  readonly cut: Cut | null;
  readonly isComplete: boolean;
  /** Where the new slot stood when the old one left, in the safe order. */
  readonly levelCut: Cut | null;
  /** Both cuts are one state of the source; null where there were not two. `why` says of which moment, or how far apart they lie and why. */
  readonly isSameCut: boolean | null;
  /** File bytes that the mirror of the new slot sent, and those that it found equal. */
  readonly sentBytes: number | null;
  readonly skippedBytes: number | null;
}

export interface RotationSnapshot extends RotationSettings {
  readonly id: string;
  readonly name: string;
  readonly slots: readonly SlotSnapshot[];
  readonly running: RunningSwitch | null;
  /** The next start by the clock; null when there is none or it is disabled. */
  readonly next: PlannedSwitch | null;
  /** The newest complete copy of all slots. */
  readonly newest: (SlotCopy & { readonly slot: string }) | null;
  /** At most a hundred, newest first. */
  readonly runs: readonly RotationRun[];
}

/** A start to come, and what it would do as things stand. `local`: what the clock of its time zone shows then. */
export interface PlannedSwitch {
  readonly at: string;
  readonly local: string;
  readonly from: string | null;
  readonly to: string;
  readonly action: 'switch' | 'skip' | 'nothing';
  readonly text: string;
}

export const rotationTime: z.ZodType<RotationTime> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('clock'),
    at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time is HH:MM'),
    days: z.array(z.enum(weekdays)).max(7),
  }),
  z.strictObject({
    kind: z.literal('date'),
    at: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/, 'a moment is YYYY-MM-DDTHH:MM'),
  }),
  z.strictObject({ kind: z.literal('cron'), cron: z.string().min(1).max(200) }),
]);

export const slotName = z.string().min(1).max(100);

/** The fields of a rotation's settings, for what is stored and for a change. */
export const rotationFields = {
  schedule: z
    .array(z.strictObject({ slot: slotName.nullable(), time: rotationTime, timeZone: z.string().min(1).max(100).nullable() }))
    .max(100),
  order: z.enum(['quick', 'safe']),
  missed: z.strictObject({ policy: z.enum(['run-late', 'skip']), withinMinutes: z.int().min(1).max(525_600) }),
  isEnabled: z.boolean(),
};
