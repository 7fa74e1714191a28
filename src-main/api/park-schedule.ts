/** What the clock of a service does with one connection: it parks it, and brings back what it parked. Moments are ISO times. */
export interface ParkSchedule {
  readonly nextParkAt: string | null;
  readonly nextReconnectAt: string | null;
  /** Why a reconnection that is due has not been ordered yet; '' when none is due. */
  readonly waits: string;
  /** Null before the first. */
  readonly last: ParkRun | null;
}

/** A time that was due and what came of it. `missed`: the connection was not parked, and is not before the next time. */
export interface ParkRun {
  readonly what: 'park' | 'reconnect';
  readonly dueAt: string;
  readonly at: string;
  readonly outcome: 'ordered' | 'missed';
  /** '' for what was ordered in time. */
  readonly why: string;
}
