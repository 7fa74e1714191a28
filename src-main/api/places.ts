import { z } from 'zod';

/** A folder of a server that the data of a tree came from, or passed through: by these a circle of replicas is found before it is made. */
export interface Origin {
  readonly fingerprint: string;
  readonly server: string;
  /** Absolute, volumes resolved. */
  readonly path: string;
}

/** Where a path lies on a disk: its nearest folder that exists and all folders above that, inner to outer, and the names below it. */
export interface DiskPlace {
  /** `id` is device and inode; `name` the raw name in its parent, '' for the outermost. */
  readonly folders: readonly { readonly id: string; readonly name: string }[];
  /** Raw names of what does not exist yet, outer to inner. */
  readonly rest: readonly string[];
}

/** The places of a connection's roots, on a machine that is the same as another's exactly when `machine` is: whatever its addresses are. */
export interface DiskPlaces {
  readonly machine: string;
  readonly roots: readonly DiskPlace[];
}

const text = z.string().min(1).max(4096);

export const origin: z.ZodType<Origin> = z.strictObject({ fingerprint: text, server: text, path: text });

/** For each root, in their order. */
export const lineage: z.ZodType<readonly (readonly Origin[])[]> = z.array(z.array(origin).max(100)).max(1000);

export const diskPlaces: z.ZodType<DiskPlaces> = z.strictObject({
  machine: text,
  roots: z
    .array(
      z.strictObject({
        folders: z.array(z.strictObject({ id: text, name: z.string().max(255) })).max(5000),
        rest: z.array(z.string().max(255)).max(5000),
      }),
    )
    .max(1000),
});
