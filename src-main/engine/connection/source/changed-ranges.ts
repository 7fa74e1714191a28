import { joinRanges, type ByteRange, type EntryStat, type FileRanges } from '../../model/index.ts';

/** Of smaller files no capture tells where they were written: the setting allows no less. */
export const LEAST_RECORDED_BYTES = 4 * 1024 * 1024;

/** Null: anywhere. */
type Where = readonly ByteRange[] | null;

interface Kept {
  where: Where;
  /** Where it was written of what was told since `reading` began; undefined while nothing was. */
  since: Where | undefined;
  reading: Reading | null;
}

/** A file is read from now on, in order to be sent. */
export interface Reading {
  readonly key: string;
  readonly isLarge: boolean;
}

/**
 * Where large files were written since they were last sent, as the capture told. Nothing is forgotten before the file was sent as it was, or
 * later than, when that was told: a transfer that is given up, or begun anew, must not take what came meanwhile for all there is. A file of
 * which nothing is kept may have changed anywhere: then its blocks are compared. The capture begins each of its own with `null`.
 */
export class ChangedRanges {
  readonly #files = new Map<string, Kept>();

  add(files: readonly FileRanges[]): void {
    for (const file of files) {
      const kept = this.#files.get(keyOf(file));
      if (kept === undefined) this.#files.set(keyOf(file), { where: file.ranges, since: undefined, reading: null });
      else {
        kept.where = joined(kept.where, file.ranges);
        kept.since = kept.since === undefined ? file.ranges : joined(kept.since, file.ranges);
      }
    }
  }

  /** Said before anything of the file is read that is to be sent. */
  begin(stat: EntryStat): Reading {
    const reading = { key: keyOf(stat), isLarge: stat.size >= LEAST_RECORDED_BYTES };
    const kept = this.#files.get(reading.key);
    if (kept !== undefined) Object.assign(kept, { reading, since: undefined });
    else if (reading.isLarge) this.#files.set(reading.key, { where: null, since: undefined, reading });
    return reading;
  }

  /** Where the file was written since it was last sent; null: it may have changed anywhere. */
  where(reading: Reading): Where {
    const kept = this.#files.get(reading.key);
    return kept?.reading === reading ? kept.where : null;
  }

  /** What was read is sent, and the catalog has noted it. Only what was told since the reading began is needed again. */
  sent(reading: Reading): void {
    const kept = this.#files.get(reading.key);
    if (kept?.reading !== reading) {
      // What another reading has sent meanwhile may be older, or newer.
      if (kept !== undefined || reading.isLarge) this.#files.set(reading.key, { where: null, since: undefined, reading: null });
    } else if (kept.since === undefined) this.#files.delete(reading.key);
    else Object.assign(kept, { where: kept.since, since: undefined, reading: null });
  }

  /** Changes went unseen. */
  clear(): void {
    for (const kept of this.#files.values()) Object.assign(kept, { where: null, since: null });
  }
}

function joined(one: Where, other: Where): Where {
  return one === null || other === null ? null : joinRanges([...one, ...other]);
}

function keyOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}
