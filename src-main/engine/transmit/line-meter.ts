/** The most that goes over one line, and how much of it may go at once. */
export interface LineLimits {
  readonly bytesPerSec: number | null;
  /** So many bytes, then nothing for the rest of the seconds. */
  readonly burst: { readonly bytes: number; readonly seconds: number } | null;
}

/** Places in the shared memory. */
const RATE = 0;
const BURST_BYTES = 1;
const BURST_TICKS = 2;
/** When all that was sent so far is paid for, ns. */
const PAID_AT = 3;
/** The present burst: its start in ticks (24 bits, wrapping after 46 hours), then its bytes (40 bits). */
const BURST = 4;
const TOTAL = 5;
/** Where the total must not pass. */
const BUDGET_END = 6;
const PLACES = 7;

const TICK_NS = 10_000_000n;
const TICK_MASK = (1n << 24n) - 1n;
const BYTES_MASK = (1n << 40n) - 1n;
const NONE = (1n << 64n) - 1n;
/** What may be sent ahead of the rate, so that timers need not be exact. */
const AHEAD_NS = 100_000_000n;
/** While a budget is used up, its owner decides what follows; it is looked at this often. */
const USED_UP_MS = 200;
const LARGEST_PIECE = 1024 * 1024;
const SMALLEST_PIECE = 16 * 1024;

/**
 * Counts what all connections to one target put on the wire, in any thread, and says how long to wait before more. Sending is never
 * refused: a frame that is ready goes and is paid for afterwards, so frames are to be kept as small as `pieceBytes`. Lock-free, because a
 * worker may be ended at any moment.
 */
export class LineMeter {
  readonly memory: SharedArrayBuffer;
  readonly #places: BigUint64Array;
  readonly #nowNs: () => bigint;

  /** Without memory: a meter of its own, without limits. `nowNs` is the same clock in all threads. */
  constructor(memory: SharedArrayBuffer = newMemory(), nowNs: () => bigint = () => process.hrtime.bigint()) {
    this.memory = memory;
    this.#places = new BigUint64Array(memory);
    this.#nowNs = nowNs;
  }

  limit({ bytesPerSec, burst }: LineLimits): void {
    Atomics.store(this.#places, RATE, BigInt(bytesPerSec ?? 0));
    Atomics.store(this.#places, BURST_BYTES, BigInt(burst?.bytes ?? 0));
    Atomics.store(this.#places, BURST_TICKS, (BigInt(burst?.seconds ?? 0) * 1_000_000_000n) / TICK_NS);
    Atomics.store(this.#places, PAID_AT, 0n); // what was owed at another rate is forgiven
  }

  /** The rate of `limit`; null without one. */
  get bytesPerSec(): number | null {
    const rate = Number(Atomics.load(this.#places, RATE));
    return rate === 0 ? null : rate;
  }

  /** Sending ends when the total reaches this; null for never. */
  setBudgetEnd(totalBytes: number | null): void {
    Atomics.store(this.#places, BUDGET_END, totalBytes === null ? NONE : BigInt(totalBytes));
  }

  get totalBytes(): number {
    return Number(Atomics.load(this.#places, TOTAL));
  }

  charge(bytes: number): void {
    Atomics.add(this.#places, TOTAL, BigInt(bytes));
    const rate = Atomics.load(this.#places, RATE);
    const now = this.#nowNs();
    if (rate > 0n) {
      const costNs = (BigInt(bytes) * 1_000_000_000n) / rate;
      this.#change(PAID_AT, (paidAt) => (paidAt > now ? paidAt : now) + costNs);
    }
    const burstTicks = Atomics.load(this.#places, BURST_TICKS);
    if (burstTicks > 0n) {
      this.#change(BURST, (burst) => {
        const isOver = ticksSince(burst, now) >= burstTicks;
        const before = isOver ? 0n : burst & BYTES_MASK;
        const start = isOver ? (now / TICK_NS) & TICK_MASK : burst >> 40n;
        const sum = before + BigInt(bytes);
        return (start << 40n) | (sum > BYTES_MASK ? BYTES_MASK : sum);
      });
    }
  }

  /** How long nothing more may be sent; 0: go on. */
  waitMs(): number {
    if (Atomics.load(this.#places, TOTAL) >= Atomics.load(this.#places, BUDGET_END)) return USED_UP_MS;
    const now = this.#nowNs();
    let waitNs = 0n;
    if (Atomics.load(this.#places, RATE) > 0n) {
      const aheadNs = Atomics.load(this.#places, PAID_AT) - now;
      if (aheadNs > AHEAD_NS) waitNs = aheadNs - AHEAD_NS / 2n;
    }
    const burstTicks = Atomics.load(this.#places, BURST_TICKS);
    const burst = Atomics.load(this.#places, BURST);
    if (burstTicks > 0n && (burst & BYTES_MASK) >= Atomics.load(this.#places, BURST_BYTES)) {
      const restNs = (burstTicks - ticksSince(burst, now)) * TICK_NS;
      if (restNs > waitNs) waitNs = restNs;
    }
    return Math.ceil(Number(waitNs) / 1e6);
  }

  /** The largest frame that keeps the flow even: a quarter of a second's worth. */
  get pieceBytes(): number {
    const rate = Number(Atomics.load(this.#places, RATE));
    const burst = Number(Atomics.load(this.#places, BURST_BYTES));
    const most = Math.min(rate > 0 ? rate / 4 : LARGEST_PIECE, burst > 0 ? burst / 4 : LARGEST_PIECE);
    return Math.max(SMALLEST_PIECE, Math.min(LARGEST_PIECE, Math.floor(most)));
  }

  #change(place: number, next: (value: bigint) => bigint): void {
    for (;;) {
      const value = Atomics.load(this.#places, place);
      if (Atomics.compareExchange(this.#places, place, value, next(value)) === value) return;
    }
  }
}

/** Age of a burst, modulo the clock's wrapping. */
function ticksSince(burst: bigint, nowNs: bigint): bigint {
  return (nowNs / TICK_NS - (burst >> 40n)) & TICK_MASK;
}

function newMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(PLACES * 8);
  new BigUint64Array(memory)[BUDGET_END] = NONE;
  return memory;
}
