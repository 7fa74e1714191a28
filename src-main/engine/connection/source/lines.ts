import type { LineSettings, LineSnapshot } from '../../../api/index.ts';
import { Zone } from '../../schedule/index.ts';
import type { KeptSchedules } from './kept-schedules.ts';
import { Line } from './line.ts';

/** How often the schedules are looked at. */
const TICK_MS = 1000;

export interface LinesOptions {
  readonly timeZone: string | null;
  readonly nowMs: () => number;
  /** Where schedules stand, over restarts. */
  readonly kept: KeptSchedules;
  readonly onChange: (targetFingerprint: string, text: string) => void;
  /** The disk refused to keep where a schedule stands. */
  readonly onNotKept: (targetFingerprint: string, error: unknown) => void;
}

/** The lines of this source, by target. Each is there from the first time it is asked for. */
export class Lines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<string, Line>();
  #zone: Zone;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LinesOptions) {
    this.#options = options;
    this.#zone = zoneNamed(options.timeZone);
  }

  of(targetFingerprint: string): Line {
    const known = this.#lines.get(targetFingerprint);
    if (known !== undefined) return known;
    const { nowMs, kept, onChange, onNotKept } = this.#options;
    const line = new Line({
      targetFingerprint,
      nowMs,
      zone: () => this.#zone,
      kept: kept.of(targetFingerprint),
      keep: (schedule) => kept.keep(targetFingerprint, schedule),
      onChange: (text) => onChange(targetFingerprint, text),
      onFailed: (error) => onNotKept(targetFingerprint, error),
    });
    this.#lines.set(targetFingerprint, line);
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
    return line;
  }

  configure(targetFingerprint: string, settings: LineSettings): LineSnapshot {
    const line = this.of(targetFingerprint);
    line.configure(settings);
    return line.snapshot();
  }

  /** Schedules are read in this zone from now on; null, or one that this system does not know, is the machine's own. */
  setTimeZone(timeZone: string | null): void {
    this.#zone = zoneNamed(timeZone);
    this.tick();
  }

  list(): readonly LineSnapshot[] {
    return [...this.#lines.values()].map((line) => line.snapshot());
  }

  tick(): void {
    for (const line of this.#lines.values()) line.tick();
  }

  /** Nothing is looked at any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Keeps where all schedules stand; after `stop`, when nothing is sent any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines.values()].map((line) => line.close()));
  }
}

function zoneNamed(name: string | null): Zone {
  try {
    return new Zone(name);
  } catch (error) {
    // Refused when it is set; a system that lost a zone since must still start.
    if (error instanceof RangeError) return new Zone(null);
    throw error;
  }
}
