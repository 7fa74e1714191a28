import { z } from 'zod';
import type { BackupMethod, Cut } from '../../api/index.ts';
import type { SettingsShape } from '../../config/index.ts';
import { storedCut } from '../stored-cut.ts';

export interface StoredWindow {
  readonly id: string;
  readonly connectionId: string;
  readonly method: BackupMethod;
  /** The slot that it marks as in use. */
  readonly slot: { readonly rotation: string; readonly name: string } | null;
  /** For people, as in `BackupView`. */
  readonly name: string;
  readonly owner: string;
  readonly reason: string;
  readonly begunAt: string;
  readonly maxMinutes: number;
  /** Where the replica stands; null before it does. */
  readonly cut: Cut | null;
  /** How it came that the replica went on; null when it did not. */
  readonly broken: string | null;
  /** What it took is being given back. */
  readonly isEnding: boolean;
}

export interface StoredWindows {
  readonly windows: readonly StoredWindow[];
}

const text = z.string().min(1);
const window: z.ZodType<StoredWindow> = z.strictObject({
  id: z.uuid(),
  connectionId: z.uuid(),
  method: z.enum(['rest', 'pause', 'hold']),
  slot: z.strictObject({ rotation: text, name: text }).nullable(),
  name: text,
  owner: text,
  reason: z.string(),
  begunAt: text,
  maxMinutes: z.int(),
  cut: storedCut.nullable(),
  broken: z.string().nullable(),
  isEnding: z.boolean(),
});

/** A change raises the version with a migration here and a fixture of the old bytes in the tests. */
export const windowsShape: SettingsShape<StoredWindows> = {
  schema: z.strictObject({ windows: z.array(window) }),
  migrations: [],
  initial: { windows: [] },
};

/** Under which name a window pauses, holds and uses. */
export function holderOf({ owner }: Pick<StoredWindow, 'owner'>): string {
  return `backup window of ${owner}`;
}
