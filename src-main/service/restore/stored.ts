import { z } from 'zod';
import { overwritePolicies, restoreStates } from '../../api/index.ts';
import type {
  Cut,
  DrillOrder,
  OverwritePolicy,
  PlanSummary,
  RestoreChoice,
  RestoreResult,
  RestoreState,
} from '../../api/index.ts';
import type { SettingsShape } from '../../config/index.ts';
import type { ConnectionSpec } from '../../engine/connection/index.ts';
import { connectionSpec } from '../stored.ts';
import { storedCut } from '../stored-cut.ts';

/** A restore that is not over. Each step is on disk before its order is given. */
export interface StoredRestore {
  readonly id: string;
  readonly kind: 'restore' | 'drill';
  readonly name: string;
  readonly choice: RestoreChoice;
  readonly overwrite: OverwritePolicy;
  readonly checksum: boolean;
  /** It waits for an order once it is planned. */
  readonly isPlannedFirst: boolean;
  /** What carries the data, opened when the replica stands still. */
  readonly connection: ConnectionSpec;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly state: Exclude<RestoreState, 'done'>;
  readonly cut: Cut | null;
  readonly cancelledBy: string | null;
  readonly drill: DrillOrder | null;
  readonly plan: PlanSummary | null;
  readonly result: RestoreResult | null;
}

export interface StoredRestores {
  readonly restores: readonly StoredRestore[];
}

const text = z.string().min(1);
/** What this service made itself and only shows again. */
const shown = <T>() => z.custom<T>((value) => typeof value === 'object');

const restore: z.ZodType<StoredRestore> = z.strictObject({
  id: text,
  kind: z.enum(['restore', 'drill']),
  name: text,
  choice: shown<RestoreChoice>(),
  overwrite: z.enum(overwritePolicies),
  checksum: z.boolean(),
  isPlannedFirst: z.boolean(),
  connection: connectionSpec,
  startedBy: text,
  startedAt: text,
  state: z.enum(restoreStates).exclude(['done']),
  cut: storedCut.nullable(),
  cancelledBy: text.nullable(),
  drill: shown<DrillOrder | null>(),
  plan: shown<PlanSummary | null>(),
  result: shown<RestoreResult | null>(),
});

/** A change raises the version with a migration here and a fixture of the old bytes in the tests. */
export const restoresShape: SettingsShape<StoredRestores> = {
  schema: z.strictObject({ restores: z.array(restore) }),
  migrations: [],
  initial: { restores: [] },
};

/** Under which name a restore keeps its replica still. */
export function readerOf({ id, kind }: Pick<StoredRestore, 'id' | 'kind'>): string {
  return `${kind} ${id}`;
}
