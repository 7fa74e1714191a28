const MOST_MINUTES = 525_600;

/** A window as a person puts it together. */
export class BeginDraft {
  method = $state<'pause' | 'hold'>('pause');
  /** Null: whoever is logged in. */
  owner = $state<string | null>(null);
  reason = $state('');
  minutes = $state('720');
  /** Why the service did not begin it. */
  refused = $state<string | null>(null);
  readonly minutesProblem = $derived.by(() => {
    const value = Number(this.minutes.trim());
    return this.minutes.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= MOST_MINUTES
      ? null
      : 'A whole number of minutes, from 1 to 525600 (a year).';
  });

  problem(owner: string): string | null {
    return owner.trim() === '' ? 'A window needs an owner.' : this.minutesProblem;
  }

  /** What is asked for, when there is no problem. */
  wanted(owner: string): { readonly owner: string; readonly reason: string; readonly maxMinutes: number } {
    return { owner: owner.trim(), reason: this.reason.trim(), maxMinutes: Number(this.minutes.trim()) };
  }
}
