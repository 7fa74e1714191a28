import { z } from 'zod';
import { scheduleRules } from '../../../api/index.ts';
import { openSettings, type SettingsFile, type SettingsShape } from '../../../config/index.ts';
import type { KeptState, ScheduleRules } from '../../schedule/index.ts';

/** Where the schedule of a line stands. */
export interface KeptSchedule {
  /** The rules that brought it there; under others it counts as it would for a change of the rules. */
  readonly schedule: ScheduleRules;
  readonly state: KeptState;
  /** What waited when this was kept: the queue does not outlive the service, but counts towards a start by the queue. */
  readonly queuedBytes: number;
  readonly queuePercent: number;
}

type Stored = KeptSchedule & { readonly targetFingerprint: string };

const since = { sinceMs: z.number() };
const state: z.ZodType<KeptState> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('waiting'),
    ...since,
    why: z.enum(['not-started', 'emptied', 'window-closed', 'stop-time', 'stop-duration', 'stop-bytes']),
    isMarkArmed: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('sending'),
    ...since,
    by: z.enum(['time', 'queue', 'person']),
    leftBytes: z.int().min(0).nullable(),
  }),
]);
const line: z.ZodType<Stored> = z.strictObject({
  targetFingerprint: z.string().min(1),
  schedule: scheduleRules,
  state,
  queuedBytes: z.number().min(0),
  queuePercent: z.number().min(0),
});
const shape: SettingsShape<{ readonly lines: readonly Stored[] }> = {
  schema: z.strictObject({ lines: z.array(line) }),
  migrations: [],
  initial: { lines: [] },
};

/** Where the schedules of all lines stand, in one file that outlives the service. */
export class KeptSchedules {
  readonly #file: SettingsFile<{ readonly lines: readonly Stored[] }>;

  /** Throws `damaged-data` or `newer-data`. */
  constructor(file: string) {
    this.#file = openSettings(file, shape);
  }

  of(targetFingerprint: string): KeptSchedule | null {
    const found = this.#file.value.lines.find((one) => one.targetFingerprint === targetFingerprint);
    if (found === undefined) return null;
    const { schedule, state: kept, queuedBytes, queuePercent } = found;
    return { schedule, state: kept, queuedBytes, queuePercent };
  }

  /** Resolves when it is on disk; null forgets. Rejects with what the disk said. */
  keep(targetFingerprint: string, kept: KeptSchedule | null): Promise<void> {
    return this.#file.update(({ lines }) => {
      const others = lines.filter((one) => one.targetFingerprint !== targetFingerprint);
      return { lines: kept === null ? others : [...others, { targetFingerprint, ...kept }] };
    });
  }
}
