import { z } from 'zod';
import type { ParkRun } from '../../api/index.ts';
import type { SettingsShape } from '../../config/index.ts';

/** What was decided for one connection. */
export interface StoredPark {
  readonly connectionId: string;
  /** The times for which it was decided; others begin anew. */
  readonly times: string;
  /** Every time up to this moment has been decided about. */
  readonly decidedUntil: string;
  readonly last: ParkRun | null;
}

export interface StoredParks {
  readonly parks: readonly StoredPark[];
}

const text = z.string().min(1);
const run: z.ZodType<ParkRun> = z.strictObject({
  what: z.enum(['park', 'reconnect']),
  dueAt: text,
  at: text,
  outcome: z.enum(['ordered', 'missed']),
  why: z.string(),
});
const park: z.ZodType<StoredPark> = z.strictObject({
  connectionId: z.uuid(),
  times: text,
  decidedUntil: text,
  last: run.nullable(),
});

/** A change raises the version with a migration here and a fixture of the old bytes in the tests. */
export const parksShape: SettingsShape<StoredParks> = {
  schema: z.strictObject({ parks: z.array(park) }),
  migrations: [],
  initial: { parks: [] },
};
