/** Each end of a link says something at least this often, if only that it is alive. */
const BEAT_MS = 5_000;
/** A peer that was silent for so many beats is gone, whatever the network says: a cable that was pulled closes nothing. */
const MOST_SILENT_BEATS = 4;

export interface LivenessOptions {
  /** Time to say something. */
  readonly beat: () => void;
  /** The peer is gone; called once. */
  readonly silent: () => void;
  readonly beatMs?: number;
}

/**
 * Beats for one end of a link and listens for the other. Beats are counted, not time: a thread that was busy, or a clock that jumped,
 * does not take what waits in the socket for silence. Keeps no process alive.
 */
export class Liveness {
  readonly #timer: NodeJS.Timeout;
  #silentBeats = 0;

  constructor({ beat, silent, beatMs = BEAT_MS }: LivenessOptions) {
    this.#timer = setInterval(() => {
      if (++this.#silentBeats > MOST_SILENT_BEATS) {
        this.stop();
        silent();
      } else beat();
    }, beatMs);
    this.#timer.unref();
  }

  /** Something came from the peer, whatever it was; or we were not listening. */
  heard(): void {
    this.#silentBeats = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
