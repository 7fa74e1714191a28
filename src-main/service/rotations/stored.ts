import { z } from 'zod';
import { mirrorOptions, rotationFields, slotName } from '../../api/index.ts';
import type { Cut, RotationRun, RotationSettings, RotationStep, SlotUse } from '../../api/index.ts';
import type { SettingsShape } from '../../config/index.ts';
import { storedCut } from '../stored-cut.ts';

export interface StoredSlot {
  readonly name: string;
  readonly connectionId: string;
  readonly use: SlotUse | null;
}

/** A switch under way. Each step is stored before it is done, so that a service that was killed goes on from there. */
export interface StoredSwitch {
  readonly from: string | null;
  readonly to: string;
  readonly order: RotationSettings['order'];
  readonly step: RotationStep;
  readonly dueAt: string | null;
  readonly begunAt: string;
  /** The last mirror of the new slot before this run. */
  readonly mirroredBefore: string | null;
  readonly cut: Cut | null;
  readonly isComplete: boolean;
  readonly levelCut: Cut | null;
}

export interface StoredRotation extends RotationSettings {
  readonly id: string;
  readonly name: string;
  readonly slots: readonly StoredSlot[];
  /** The slot that is meant to follow the source. */
  readonly live: string | null;
  /** Every start up to this moment has been decided about. */
  readonly decidedUntil: string;
  /** The start that somebody said to leave out. */
  readonly skip: string | null;
  readonly running: StoredSwitch | null;
  /** Newest first. */
  readonly runs: readonly RotationRun[];
}

const text = z.string().min(1);
const use: z.ZodType<SlotUse> = z.strictObject({ owner: text, reason: z.string(), since: text });
const ofSwitch = {
  from: slotName.nullable(),
  to: slotName,
  cut: storedCut.nullable(),
  isComplete: z.boolean(),
  levelCut: storedCut.nullable(),
};
const running: z.ZodType<StoredSwitch> = z.strictObject({
  ...ofSwitch,
  order: rotationFields.order,
  step: z.enum(['parking', 'bringing', 'cutting', 'leaving', 'resuming']),
  dueAt: text.nullable(),
  begunAt: text,
  mirroredBefore: text.nullable(),
});
const run: z.ZodType<RotationRun> = z.strictObject({
  ...ofSwitch,
  isSameCut: z.boolean().nullable().default(null),
  dueAt: text.nullable(),
  begunAt: text.nullable(),
  endedAt: text,
  outcome: z.enum(['done', 'failed', 'skipped', 'missed']),
  why: z.string(),
  sentBytes: z.number().nullable(),
  skippedBytes: z.number().nullable(),
});
const rotation: z.ZodType<StoredRotation> = z.strictObject({
  ...rotationFields,
  mirror: mirrorOptions,
  id: z.uuid(),
  name: text,
  slots: z.array(z.strictObject({ name: slotName, connectionId: z.uuid(), use: use.nullable() })),
  live: slotName.nullable(),
  decidedUntil: text,
  skip: text.nullable(),
  running: running.nullable(),
  runs: z.array(run),
});

export interface StoredRotations {
  readonly rotations: readonly StoredRotation[];
}

/** A change raises the version with a migration here and a fixture of the old bytes in the tests. */
export const rotationsShape: SettingsShape<StoredRotations> = {
  schema: z.strictObject({ rotations: z.array(rotation) }),
  migrations: [],
  initial: { rotations: [] },
};
