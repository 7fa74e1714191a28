import { z } from 'zod';
import type { Cut } from '../api/index.ts';

/** A cut as the files of a service keep it. */
export const storedCut: z.ZodType<Cut> = z.strictObject({
  sequence: z.number(),
  at: z.string().min(1),
  label: z.enum(['point-in-time', 'file-level']),
  why: z.string().nullable().optional(),
  isFrozen: z.boolean().optional(),
  common: z.strictObject({ with: z.string().min(1), isSame: z.boolean(), why: z.string().nullable() }).optional(),
});
