import type { MirrorOptions } from '../../../src-main/api/index.ts';

const KEY = 'understudy.mirror';

/** A mirror as a person puts it together. What says nothing about the chosen kind is kept for another one, and left out of the options. */
export class MirrorChoice {
  kind = $state<MirrorOptions['kind']>('different');
  newer = $state(false);
  flaggedOnly = $state(false);
  orphans = $state(false);

  constructor({ kind, newer, flaggedOnly, orphans }: MirrorOptions = { kind: 'different' }) {
    this.kind = kind;
    this.newer = newer === true;
    this.flaggedOnly = flaggedOnly === true;
    this.orphans = orphans === true;
  }

  get options(): MirrorOptions {
    const { kind } = this;
    return {
      kind,
      ...(this.newer && kind !== 'all' ? { newer: true } : {}),
      ...(this.flaggedOnly && kind === 'checksum' ? { flaggedOnly: true } : {}),
      ...(this.orphans ? { orphans: true } : {}),
    };
  }
}

/** The choice that was made last in this browser, else the usual one. */
export function lastMirrorChoice(storage: Pick<Storage, 'getItem'>): MirrorChoice {
  const stored = storage.getItem(KEY);
  return new MirrorChoice(stored === null ? undefined : parsed(stored));
}

export function rememberMirrorChoice(storage: Pick<Storage, 'setItem'>, choice: MirrorChoice): void {
  storage.setItem(KEY, JSON.stringify(choice.options));
}

/** What was stored, as far as it still is a choice. */
function parsed(text: string): MirrorOptions | undefined {
  try {
    const { kind, newer, flaggedOnly, orphans } = JSON.parse(text) as Partial<Record<keyof MirrorOptions, unknown>>;
    if (kind !== 'all' && kind !== 'different' && kind !== 'checksum') return undefined;
    return { kind, newer: newer === true, flaggedOnly: flaggedOnly === true, orphans: orphans === true };
  } catch {
    return undefined;
  }
}
