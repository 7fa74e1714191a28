const PAUSE_MS = 800;

/** Letters typed quickly one after the other are the beginning of a name to go to; after a pause a new name begins. */
export class TypeAhead {
  #typed = '';
  #lastMs = -Infinity;

  /** True while a letter would go on with a name, so that a space belongs to it. */
  isTyping(nowMs: number): boolean {
    return nowMs - this.#lastMs < PAUSE_MS && this.#typed !== '';
  }

  /** Index of the line to go to after this letter; null when no name begins so. The search starts at the active line and goes round. */
  press(letter: string, nowMs: number, names: readonly (string | null)[], activeIndex: number): number | null {
    const isNew = !this.isTyping(nowMs);
    this.#typed = isNew ? letter : this.#typed + letter;
    this.#lastMs = nowMs;
    const wanted = this.#typed.toLocaleLowerCase();
    // A first letter moves on from the active line, so that pressing it again finds the next one; more letters may stay.
    const start = isNew ? activeIndex + 1 : activeIndex;
    for (let step = 0; step < names.length; step++) {
      const index = (start + step) % names.length;
      if (names[index]?.toLocaleLowerCase().startsWith(wanted) === true) return index;
    }
    return null;
  }
}
