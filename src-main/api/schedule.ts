/** What the clock will do with a schedule. Whether anything is sent then also depends on what waits, and on who holds transmission. */
export interface SchedulePreview {
  /** The zone in which the rules' times are meant; null: the source's own. */
  readonly timeZone: string | null;
  /** `free`: nothing is held back. `closed`: outside the window. `open`: a start would count now. */
  readonly now: 'free' | 'open' | 'closed';
  /** The next starts by the clock; none where only the queue or a person starts. */
  readonly starts: readonly PlannedStart[];
  /** The next windows, the one that is open now first; none without a window. */
  readonly windows: readonly PlannedWindow[];
}

/** `until`: when a rule ends it at the latest; null where it goes on until nothing waits. */
export interface PlannedStart {
  readonly at: PlannedMoment;
  readonly until: PlannedMoment | null;
  readonly endsBy: 'window-closed' | 'stop-time' | 'stop-duration' | null;
}

export interface PlannedWindow {
  readonly opensAt: PlannedMoment;
  readonly closesAt: PlannedMoment;
}

/** A moment, and what the clock of the schedule's zone shows then: `2026-11-22 22:00`. */
export interface PlannedMoment {
  readonly at: string;
  readonly local: string;
}
