/** Growing delays between attempts: doubles from `firstMs` to `mostMs`, with up to a quarter of jitter so that peers do not march in step. */
export class BackOff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #nextMs: number;

  constructor({
    firstMs = 100,
    mostMs = 5_000,
    random = Math.random,
  }: { firstMs?: number; mostMs?: number; random?: () => number } = {}) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
    this.#nextMs = firstMs;
  }

  /** The delay before the next attempt; each call lengthens the following one. */
  next(): number {
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(this.#mostMs, delayMs * 2);
    return Math.round(delayMs * (1 + this.#random() / 4));
  }

  /** Called after a success. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
