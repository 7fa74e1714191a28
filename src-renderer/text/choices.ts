import type { ConnectionSnapshot, MapSpec, MessageEntry, MirrorOptions, SetRule } from '../../src-main/api/index.ts';

/** The kinds of mirror as a person chooses between them. */
export const mirrorKinds: readonly {
  readonly kind: MirrorOptions['kind'];
  readonly label: string;
  readonly explanation: string;
}[] = [
  {
    kind: 'different',
    label: 'Differences by date and size',
    explanation: 'Sends files whose date, size or attributes differ. Fast; misses a change that kept both.',
  },
  {
    kind: 'checksum',
    label: 'Differences by content',
    explanation: 'Reads every file on both sides and sends only the blocks that differ. Finds everything; takes reading time.',
  },
  { kind: 'all', label: 'Everything', explanation: 'Sends every file whole, without comparing.' },
];

/** A mirror's kind in a few words. */
export function mirrorKindLabel({ kind, newer, flaggedOnly, orphans }: MirrorOptions): string {
  const label = mirrorKinds.find((choice) => choice.kind === kind)?.label ?? kind;
  const more: string[] = [];
  if (newer === true) more.push('only newer files');
  if (flaggedOnly === true) more.push('only files whose date or size differ');
  if (orphans === true) more.push('then orphans');
  return [label, ...more].join(', ');
}

/** The map in the words of the scripting language. */
export function mapWords(map: MapSpec): string {
  switch (map.kind) {
    case 'exact':
      return 'exact';
    case 'base':
      return `base ${map.base}`;
    case 'pairs':
      return map.pairs.map((pair) => `${pair.from} to ${pair.to}`).join(', ');
  }
}

/** A rule as a script would say it. */
export function ruleWords(rule: SetRule): string {
  return `${rule.path} ${rule.verdict === 'include' ? 'inc' : 'exc'}, ${rule.recursive ? 'rec' : 'nonrec'}`;
}

export const severityWords: Readonly<Record<MessageEntry['severity'], string>> = {
  info: 'Information',
  warning: 'Warning',
  error: 'Error',
};

const consistencyWords: Readonly<Record<ConnectionSnapshot['consistency'], { readonly word: string; readonly detail: string }>> =
  {
    'point-in-time': {
      word: 'Point in time',
      detail: 'The files on the target together are a state that the source had at one moment.',
    },
    'file-level': {
      word: 'File level',
      detail:
        'Each file on the target is whole and equal to a state the source had. Order between different files is not promised.',
    },
  };

/** How much order the replica keeps between files. */
export function consistencyWord(consistency: ConnectionSnapshot['consistency']): {
  readonly word: string;
  readonly detail: string;
} {
  return consistencyWords[consistency];
}
