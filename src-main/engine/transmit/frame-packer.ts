import type { ConnectionSettings } from '../../api/index.ts';
import { compressFrame, encodeSource, type SourceMessage } from '../wire/index.ts';
import type { LineMeter } from './line-meter.ts';

/** Smaller payloads are not worth the call. */
const LEAST_BYTES = 512;
/** The levels that people choose from, as zstd counts them: the first costs least, the last saves most. */
const ZSTD_LEVELS = [1, 3, 6] as const;
/** So many frames of one stream at most go as they are before one is tried again. */
const MOST_SKIPPED = 32;

/** How the frames of one stream shrank so far. */
interface Trial {
  misses: number;
  skip: number;
}

/**
 * Makes messages into the frames of one connection: compressed where that helps, counted, and charged to the line. What does not shrink
 * is noticed by file: after each frame that did not, twice as many of the same file go untried.
 */
export class FramePacker {
  readonly #meter: LineMeter;
  readonly #settings: () => ConnectionSettings['compression'];
  /** The files whose data are being sent, by the numbers of their streams. */
  readonly #streams = new Map<number, Trial>();
  readonly #small = newTrial();
  /** What the frames would be without compression, and what they are. */
  readonly totals = { plainBytes: 0, wireBytes: 0 };

  constructor(meter: LineMeter, settings: () => ConnectionSettings['compression']) {
    this.#meter = meter;
    this.#settings = settings;
  }

  pack(message: SourceMessage, payload?: Uint8Array): readonly Buffer[] {
    const frame = encodeSource(message, payload);
    const plainBytes = bytesOf(frame);
    const packed = this.#compressed(message, frame, payload?.length ?? 0) ?? frame;
    const wireBytes = packed === frame ? plainBytes : bytesOf(packed);
    this.totals.plainBytes += plainBytes;
    this.totals.wireBytes += wireBytes;
    this.#meter.charge(wireBytes);
    return packed;
  }

  #compressed(message: SourceMessage, frame: readonly Buffer[], payloadBytes: number): readonly Buffer[] | null {
    if (message.kind === 'data-end' || message.kind === 'data-drop') this.#streams.delete(message.stream);
    else if (message.kind === 'hello') this.#streams.clear();
    const { isEnabled, level } = this.#settings();
    if (!isEnabled || payloadBytes < LEAST_BYTES) return null;
    const trial = message.kind === 'data' ? this.#trialOf(message.stream) : this.#small;
    if (trial.skip > 0) {
      trial.skip--;
      return null;
    }
    const packed = compressFrame(frame, ZSTD_LEVELS[level - 1] ?? 1);
    trial.misses = packed === null ? trial.misses + 1 : 0;
    if (packed === null) trial.skip = Math.min(MOST_SKIPPED, 2 ** trial.misses);
    return packed;
  }

  #trialOf(stream: number): Trial {
    const trial = this.#streams.get(stream) ?? newTrial();
    this.#streams.set(stream, trial);
    return trial;
  }
}

function newTrial(): Trial {
  return { misses: 0, skip: 0 };
}

function bytesOf(frame: readonly Buffer[]): number {
  return frame.reduce((sum, part) => sum + part.length, 0);
}
