import type { RotationEntry, RotationTime, Weekday } from '../../../src-main/api/index.ts';

/** One time of a rotation as a person types it. What belongs to another kind is kept while the kind is changed. */
export class TimeDraft {
  kind = $state<RotationTime['kind']>('clock');
  at = $state('12:00');
  days = $state<Weekday[]>([]);
  date = $state('');
  cron = $state('0 12 * * *');
  /** '' stands for the next slot. */
  slot = $state('');
  /** '' stands for the zone of the service. */
  timeZone = $state('');

  constructor(entry?: RotationEntry) {
    if (entry === undefined) return;
    const { time } = entry;
    this.kind = time.kind;
    this.slot = entry.slot ?? '';
    this.timeZone = entry.timeZone ?? '';
    if (time.kind === 'clock') {
      this.at = time.at;
      this.days = [...time.days];
    } else if (time.kind === 'date') [this.date = '', this.at = ''] = time.at.split('T');
    else this.cron = time.cron;
  }

  /** What is missing, for people; null when nothing is. The service says more of cron expressions and zones. */
  get problem(): string | null {
    if (this.kind === 'cron') return this.cron.trim() === '' ? 'Type a cron expression, as 0 12 * * mon-fri.' : null;
    if (!/^([01]?\d|2[0-3]):[0-5]\d$/.test(this.at.trim())) return 'Type each time as hours and minutes, as 12:00.';
    if (this.kind === 'date' && !isDate(this.date.trim())) return 'Type each date as year, month and day, as 2026-12-24.';
    return null;
  }

  get entry(): RotationEntry {
    return { slot: this.slot === '' ? null : this.slot, time: this.#time, timeZone: this.timeZone.trim() || null };
  }

  get #time(): RotationTime {
    const at = this.at.trim().padStart(5, '0');
    switch (this.kind) {
      case 'clock':
        return { kind: 'clock', at, days: [...this.days] };
      case 'date':
        return { kind: 'date', at: `${this.date.trim()}T${at}` };
      case 'cron':
        return { kind: 'cron', cron: this.cron.trim() };
    }
  }
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
